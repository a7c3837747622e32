// Login to the pages for operators (RFC 7617). Patients are shown to users only, unless the pages stay on this machine.

import { createHash } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { hasPasscode, type Users } from '../users.ts';
import { answerText, type HttpServerOptions } from './http-server.ts';

export interface AdmissionOptions {
  /** The users of now, each with a passcode; undefined if no login is asked for. */
  readonly users: () => Users | undefined;
  /** Whether the pages can be reached from this machine only. */
  readonly isLocal: boolean;
  /** Is called with a sentence about a login that was refused. */
  readonly refused: (summary: string) => void;
  /** Milliseconds that a wrong passcode holds up the next check for its address. Default 1 s. */
  readonly pause?: number;
}

/** Load balancers and cluster managers ask for these without a login. */
const OF_HEALTH = ['/healthz', '/livez'];
/** These tell nothing about patients. */
const OF_NO_PATIENT = [...OF_HEALTH, '/metrics'];

/** Decides on each request, and answers those that it refuses. */
export function admission({
  users,
  isLocal,
  refused,
  pause = 1000,
}: AdmissionOptions): NonNullable<HttpServerOptions['admit']> {
  const logins = new Logins(pause);
  return async (request, response, path) => {
    const known = users();
    if (OF_HEALTH.includes(path)) return true;
    if (!known) {
      if (isLocal || OF_NO_PATIENT.includes(path)) return true;
      answerText(
        response,
        403,
        'this page shows patients: start dimse-scp with --http-users to show it beyond its machine',
      );
      return false;
    }
    const outcome = await logins.check(request, known);
    if (outcome === 'known') return true;
    if (outcome === 'busy')
      refuse(response, 429, 'Retry-After', '2', 'too many logins are being checked for this address');
    else refuse(response, 401, 'WWW-Authenticate', 'Basic realm="dimse-scp", charset="UTF-8"', 'this needs a login');
    if (outcome === 'wrong') refused(`a wrong name or passcode from ${addressOf(request)}`);
    return false;
  };
}

function refuse(response: ServerResponse, status: number, header: string, value: string, text: string): void {
  response.setHeader(header, value);
  answerText(response, status, text);
}

/** The checks that one address may have waiting. A browser asks for several files of a page at the same time. */
const MOST_WAITING = 20;
/** The addresses that are checked at the same time. */
const MOST_ADDRESSES = 1000;
/** The logins that are remembered, so that not each request takes the time of a check. */
const MOST_REMEMBERED = 1000;

/** Checks logins one after the other for each address: a guesser waits after each wrong passcode, other addresses do not. */
class Logins {
  readonly #pause: number;
  /** By address, the last check and how many there are. */
  readonly #turns = new Map<string, { last: Promise<unknown>; waiting: number }>();
  /** Digests of what was right, as long as the users stay the same. */
  #right: { readonly of: Users; readonly digests: Set<string> } | undefined;

  constructor(pause: number) {
    this.#pause = pause;
  }

  async check(request: IncomingMessage, users: Users): Promise<'known' | 'absent' | 'wrong' | 'busy'> {
    const login = loginOf(request.headers.authorization);
    if (!login) return 'absent';
    const digest = createHash('sha256').update(`${request.headers.authorization}`).digest('base64');
    const isRemembered = () => this.#rightOf(users).has(digest);
    if (isRemembered()) return 'known';
    const address = addressOf(request);
    const turn = this.#turns.get(address) ?? { last: Promise.resolve(), waiting: 0 };
    if (turn.waiting >= MOST_WAITING || (turn.waiting === 0 && this.#turns.size >= MOST_ADDRESSES)) return 'busy';
    this.#turns.set(address, turn);
    turn.waiting++;
    const checked = turn.last.then(
      async () => isRemembered() || (await hasPasscode(users, login.name, login.passcode)),
    );
    const pause = () => after(this.#pause);
    turn.last = checked.then((isRight) => (isRight ? undefined : pause()), pause);
    void turn.last.then(() => {
      turn.waiting--;
      if (turn.waiting === 0) this.#turns.delete(address);
    });
    if (!(await checked)) return 'wrong';
    const right = this.#rightOf(users);
    if (right.size >= MOST_REMEMBERED) right.clear();
    right.add(digest);
    return 'known';
  }

  #rightOf(users: Users): Set<string> {
    if (this.#right?.of !== users) this.#right = { of: users, digests: new Set() };
    return this.#right.digests;
  }
}

/** The name and the passcode of a header; undefined if it has none. The passcode may have colons, the name has not. */
function loginOf(header = ''): { readonly name: string; readonly passcode: Uint8Array } | undefined {
  const [, encoded] = /^basic +([A-Za-z0-9+/]+=*)$/i.exec(header) ?? [];
  const bytes = Buffer.from(encoded ?? '', 'base64');
  const colon = bytes.indexOf(':');
  return colon < 0 ? undefined : { name: bytes.toString('utf8', 0, colon), passcode: bytes.subarray(colon + 1) };
}

function addressOf(request: IncomingMessage): string {
  return request.socket.remoteAddress ?? 'an unknown address';
}

/** The process may end before. */
function after(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds).unref());
}
