// The audit log: who associated with the archive, and what they stored, queried, retrieved, moved and changed (PS3.15 §A.5).

import { hostname } from 'node:os';
import type { Logger } from '@x/cli/logger';
import { UsageError } from '@x/cli/program';
import { withoutControls } from '@x/cli/without-controls';
import { category, describeStatus, type HandlerContext, type Service } from '@x/dimse';
import { describeReject, type Pdu, type UpperLayerConnection, type UserIdentity } from '@x/net';
import { type InvolvedObjects, involve, noteInvolved } from '../involved-objects.ts';
import type { Observer } from '../observer.ts';
import type { Options } from '../options.ts';
import { type AuditFile, openAuditFile } from './audit-file.ts';
import {
  type AuditAction,
  type AuditCode,
  type AuditEvent,
  AuditOutcome,
  type AuditParticipant,
  auditMessage,
} from './audit-message.ts';

/** Opens the log that the options name. @throws UsageError if the file cannot be written */
export async function openAuditLog(
  { auditLog, auditPatients, aet }: Pick<Options, 'auditLog' | 'auditPatients' | 'aet'>,
  logger: Logger,
): Promise<AuditLog | undefined> {
  if (auditLog === undefined) return undefined;
  try {
    return new AuditLog(await openAuditFile(auditLog, logger), aet, auditPatients);
  } catch (error) {
    throw new UsageError(`the audit log ${auditLog} cannot be written: ${(error as Error).message}`);
  }
}

export class AuditLog implements Observer, AsyncDisposable {
  readonly #file: AuditFile;
  readonly #aeTitle: string;
  readonly #hasPatients: boolean;

  constructor(file: AuditFile, aeTitle: string, hasPatients: boolean) {
    this.#file = file;
    this.#aeTitle = aeTitle;
    this.#hasPatients = hasPatients;
    file.lostLine = (lost) =>
      this.#line({ ...this.#ofArchive('auditRecordingStarted'), description: `${lost} entries were lost` });
    this.#write(this.#ofArchive('applicationStart'));
  }

  reopen(): Promise<void> {
    return this.#file.reopen();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#write(this.#ofArchive('applicationStop'));
    await this.#file.close();
  }

  /** Writes the begin and the end of each association, and each rejection. */
  connection(connection: UpperLayerConnection): void {
    const { address } = connection.peer;
    let peer: readonly AuditParticipant[] = [];
    const negotiated = (_direction: string, pdu: Pdu) => {
      if (pdu.type === 'A-ASSOCIATE-RQ') {
        const { callingAeTitle: aeTitle, userInformation } = pdu;
        peer = peersOf({ aeTitle, ...(address !== undefined && { address }) }, userInformation.userIdentity);
        return;
      }
      connection.off('pdu', negotiated);
      const event = { association: connection.id, action: 'E', participants: [...peer, this.#archive()] } as const;
      if (pdu.type === 'A-ASSOCIATE-AC') {
        const login = { ...event, event: 'userAuthentication', outcome: AuditOutcome.Success } as const;
        this.#write({ ...login, kind: 'login' });
        void connection.closed.then(({ how }) => this.#write({ ...login, kind: 'logout', description: how }));
      } else if (pdu.type === 'A-ASSOCIATE-RJ') {
        const refused = { ...event, outcome: AuditOutcome.MinorFailure, description: describeReject(pdu) };
        const isLogin = peer.length > 1;
        this.#write(
          isLogin
            ? { ...refused, event: 'userAuthentication', kind: 'login' }
            : { ...refused, event: 'securityAlert', kind: 'nodeAuthentication' },
        );
      }
    };
    connection.on('pdu', negotiated);
  }

  /** The service, whose operations are written. @param aeTitle That of the area, if the service is not the archive's own. */
  watch(service: Service, aeTitle = this.#aeTitle): Service {
    const handlers = Object.entries(service.handlers).map(([name, handler]): [string, typeof handler] => {
      const audited = handler && AUDITED[`${service.serviceClass.name} ${name}`];
      if (!audited) return [name, handler];
      const [event, action] = typeof audited === 'string' ? [audited, ACTIONS[name] ?? 'E'] : audited;
      const watched = (request: Request, context: HandlerContext) =>
        this.#watchOperation({ event, action, request, context, aeTitle }, () => handler(request as never, context));
      return [name, watched as typeof handler];
    });
    return { ...service, handlers: Object.fromEntries(handlers) };
  }

  /** Writes a deletion: that of a study (PS3.15 §A.5.3.8), or of some of its instances (§A.5.3.6). */
  deleted({ study, series, sopInstance, instances, aeTitle, user }: AuditedDeletion): void {
    const isWhole = series === undefined && sopInstance === undefined;
    const part = sopInstance ?? series;
    const archive = this.#archive('application', aeTitle);
    this.#write({
      event: isWhole ? 'studyDeleted' : 'instancesAccessed',
      action: 'D',
      outcome: AuditOutcome.Success,
      description: `${instances === undefined ? 'finished' : `${instances} instances`}${part === undefined ? '' : ` of ${part}`}`,
      participants:
        user === undefined
          ? [{ ...archive, isRequestor: true }]
          : [{ userId: user, isRequestor: true, role: 'application' }, archive],
      studies: [study],
    });
  }

  #watchOperation(operation: Operation, perform: () => unknown): unknown {
    const { request, context } = operation;
    const involved = noteInvolved(context);
    if (request.identifier) involve(context, request.identifier.StudyInstanceUID, request.identifier);
    const done = (answer: unknown) => this.#operationEnded(operation, involved, statusOf(answer));
    const failed = (error: unknown) => {
      const status = (error as { status?: unknown } | undefined)?.status;
      this.#operationEnded(operation, involved, typeof status === 'number' ? status : undefined);
    };
    let result: unknown;
    try {
      result = perform();
    } catch (error) {
      failed(error);
      throw error;
    }
    if (isGenerator(result)) return watchedAnswers(result, done, failed);
    void Promise.resolve(result).then(done, failed);
    return result;
  }

  #operationEnded(operation: Operation, involved: InvolvedObjects, status?: number): void {
    const { event, action, request, context, aeTitle } = operation;
    const { association } = context.session;
    const { address } = association.peer;
    const peer = { aeTitle: context.callingAeTitle, ...(address !== undefined && { address }) };
    const peers = peersOf(peer, association.request.userInformation.userIdentity);
    const isOk = status !== undefined && /success|warning|pending|cancel/.test(category(status));
    const words = status === undefined ? 'not completed' : describeStatus(status);
    this.#write({
      ...{ event, action, association: association.id },
      outcome: isOk
        ? AuditOutcome.Success
        : status === undefined
          ? AuditOutcome.SeriousFailure
          : AuditOutcome.MinorFailure,
      description: involved.left > 0 ? `${words}; ${involved.left} more studies` : words,
      participants: [
        ...peers,
        this.#archive(
          action === 'C' || action === 'U'
            ? 'destination'
            : event === 'instancesTransferred'
              ? 'source'
              : 'application',
          aeTitle,
        ),
        ...(request.destination === undefined
          ? []
          : [
              {
                userId: request.destination,
                aeTitle: request.destination,
                isRequestor: false,
                role: 'destination',
              } as const,
            ]),
      ],
      studies: involved.studies,
      ...(this.#hasPatients && { patients: involved.patients.values() }),
      ...(request.sopClass !== undefined && { sopClass: request.sopClass }),
      ...(request.sopInstance !== undefined && { sopInstance: request.sopInstance }),
    });
  }

  #archive(role: AuditCode = 'application', aeTitle = this.#aeTitle): AuditParticipant {
    return { userId: `${aeTitle}@${hostname()}`, aeTitle, isRequestor: false, role };
  }

  #ofArchive(kind: AuditCode): AuditEvent {
    const participants = [{ ...this.#archive(), isRequestor: true }];
    return { event: 'applicationActivity', kind, action: 'E', outcome: AuditOutcome.Success, participants };
  }

  #write(event: AuditEvent): void {
    this.#file.write(this.#line(event));
  }

  #line(event: AuditEvent): string {
    return `${withoutControls(JSON.stringify(auditMessage(event, this.#aeTitle)))}\n`;
  }
}

/** A deletion in the audit log. */
export interface AuditedDeletion {
  readonly study: string;
  readonly series?: string;
  readonly sopInstance?: string;
  /** Their number; absent for a deletion that an earlier process began. */
  readonly instances?: number;
  /** Of the archive or the area. */
  readonly aeTitle: string;
  /** The operator; absent if the archive deleted by itself. */
  readonly user?: string;
}

interface Request {
  readonly identifier?: Record<string, unknown>;
  readonly destination?: string;
  readonly sopClass?: string;
  readonly sopInstance?: string;
}

interface Operation {
  readonly event: AuditCode;
  readonly action: AuditAction;
  readonly request: Request;
  readonly context: HandlerContext;
  /** Of the archive or the area that performs it. */
  readonly aeTitle: string;
}

/** The event of each operation, with its action if it is not that of `ACTIONS`. Others, such as C-ECHO, are not written. */
const AUDITED: Readonly<Record<string, AuditCode | readonly [AuditCode, AuditAction]>> = Object.fromEntries([
  ['Storage store', 'instancesTransferred'],
  ...['Patient Root Query/Retrieve', 'Study Root Query/Retrieve'].flatMap((model) => [
    [`${model} find`, 'query'],
    [`${model} get`, 'instancesTransferred'],
    [`${model} move`, 'instancesTransferred'],
  ]),
  ['Modality Worklist find', 'query'],
  ['Storage Commitment action', ['instancesAccessed', 'R']],
  ...['create', 'set', 'get'].map((name) => [`Modality Performed Procedure Step ${name}`, 'procedureRecord']),
  ...['create', 'set', 'get', 'action'].map((name) => [`Unified Procedure Step ${name}`, 'procedureRecord']),
  ['Unified Procedure Step find', 'query'],
  ['Print Management action', ['dataExport', 'R']],
]);

const ACTIONS: Readonly<Record<string, AuditAction>> = {
  ...{ store: 'C', create: 'C', set: 'U', action: 'U', delete: 'D' },
  ...{ get: 'R', move: 'R', find: 'E' },
};

/** The system of the peer, then its user if it names one. Whether the name was checked depends on `--users`. */
function peersOf(
  { aeTitle, address }: { readonly aeTitle: string; readonly address?: string },
  identity: UserIdentity | undefined,
): readonly AuditParticipant[] {
  const at = address !== undefined && { address };
  const system = { userId: aeTitle, aeTitle, ...at, isRequestor: true, role: 'application' } as const;
  if (!identity) return [system];
  const { identityType, primaryField } = identity;
  // Tickets and tokens are secrets.
  const userId = identityType <= 2 ? Buffer.from(primaryField).toString('utf8') : `identity of type ${identityType}`;
  return [system, { ...system, userId }];
}

function isGenerator(result: unknown): result is AsyncGenerator<unknown, unknown, undefined> {
  return typeof result === 'object' && result !== null && Symbol.asyncIterator in result;
}

async function* watchedAnswers(
  answers: AsyncGenerator<unknown, unknown, undefined>,
  done: (answer: unknown) => void,
  failed: (error: unknown) => void,
): AsyncGenerator<unknown, unknown, undefined> {
  let hasEnded = false;
  try {
    const answer = yield* answers;
    hasEnded = true;
    done(answer);
    return answer;
  } catch (error) {
    hasEnded = true;
    failed(error);
    throw error;
  } finally {
    // The peer canceled or went away.
    if (!hasEnded) failed(undefined);
  }
}

/** A handler answers with a status, with an object that has one, or with nothing for Success. */
function statusOf(answer: unknown): number {
  if (typeof answer === 'number') return answer;
  const { status = 0 } = (answer ?? {}) as { readonly status?: number };
  return status;
}
