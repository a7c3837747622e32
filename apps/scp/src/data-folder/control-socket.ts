// A local socket in the data folder, over which commands of the operator reach the archive that runs. It is never on the network.
//
// One request on each connection: a line of JSON with the name of the command, answered by a line of JSON. Empty lines show
// that the archive still works on it. The socket has mode 0600, so that only its owner and root can connect.

import { lstat, open, rm } from 'node:fs/promises';
import { type AddressInfo, createConnection, createServer, type Server, type Socket } from 'node:net';
import { join } from 'node:path';
import { CodedError } from '@x/pdu/internal';

/** Answers a request. An error that it throws is answered with its message. */
export type ControlCommand = (request: ControlRequest) => Promise<object>;
export type ControlRequest = Readonly<Record<string, unknown>>;

/** The archive refused a command, or its socket cannot be used. */
export class ControlError extends CodedError {
  static override readonly name: string = 'ControlError';
  readonly code = 'CONTROL';
}

/** The longest request, in bytes. */
const MOST_BYTES = 4096;
/** The longest answer, in bytes. */
const MOST_ANSWERED = 1024 * 1024;
/** Connections at once. */
const MOST_CONNECTIONS = 8;
/** Milliseconds for a request to arrive, and for an answer to be taken. */
const REQUEST_TIMEOUT = 10_000;
/** Milliseconds between two signs of life, and the longest silence that a client waits for. */
const SIGN_OF_LIFE = 5000;
const MOST_SILENCE = 30_000;

/**
 * Opens the socket of a data folder, which this process must own: a socket that is left is replaced.
 * @throws ControlError if something else has its name; the error of the system
 */
export async function openControlSocket(
  folder: string,
  commands: Readonly<Record<string, ControlCommand>>,
): Promise<AsyncDisposable> {
  if (process.platform === 'win32')
    throw new ControlError('Windows has no socket that only one user can use: stop the archive first');
  const path = join(folder, NAME);
  const left = await lstat(path).catch(() => undefined);
  if (left && !left.isSocket()) throw new ControlError(`${path} is not a socket: remove it`);
  await rm(path, { force: true });
  const sockets = new Set<Socket>();
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    void serve(socket, commands);
  });
  server.maxConnections = MOST_CONNECTIONS;
  await using place = await shortPath(folder);
  await listenOwnOnly(server, place.path);
  return {
    async [Symbol.asyncDispose]() {
      const closed = new Promise((resolve) => server.close(resolve));
      for (const socket of sockets) socket.destroy();
      await closed;
      await rm(path, { force: true });
    },
  };
}

/**
 * Sends a request to the archive that uses a data folder, and returns its answer; undefined if none runs.
 * @throws ControlError with the words of the archive, or if the socket is not of this user
 */
export async function askArchive(folder: string, request: ControlRequest): Promise<ControlRequest | undefined> {
  const path = join(folder, NAME);
  const found = await lstat(path).catch(() => undefined);
  if (!found) return undefined;
  const user = process.getuid?.() ?? found.uid;
  if (!found.isSocket() || (found.mode & 0o077) !== 0 || (found.uid !== user && user !== 0))
    throw new ControlError(
      `${path} is not a socket that only this user can use: run the command as the user of the archive`,
    );
  await using place = await shortPath(folder);
  const answer = await exchange(place.path, request);
  if (typeof answer?.error === 'string') throw new ControlError(answer.error);
  return answer;
}

const NAME = 'control.sock';

/** An address of a socket has at most 104 bytes on some systems, so that Linux reaches it by the descriptor of its folder. */
async function shortPath(folder: string): Promise<{ readonly path: string } & AsyncDisposable> {
  const path = join(folder, NAME);
  if (Buffer.byteLength(path) <= 100 || process.platform !== 'linux')
    return { path, [Symbol.asyncDispose]: async () => {} };
  const handle = await open(folder, 'r');
  return { path: `/proc/self/fd/${handle.fd}/${NAME}`, [Symbol.asyncDispose]: () => handle.close() };
}

/** The system makes the socket within this call, so that it never has wider permissions. */
function listenOwnOnly(server: Server, path: string): Promise<AddressInfo | string | null> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    const before = process.umask(0o177);
    try {
      server.listen(path, () => resolve(server.address()));
    } finally {
      process.umask(before);
    }
  });
}

async function serve(socket: Socket, commands: Readonly<Record<string, ControlCommand>>): Promise<void> {
  // A client that goes away is not an error of the archive.
  socket.on('error', () => {});
  socket.setTimeout(REQUEST_TIMEOUT, () => socket.destroy());
  try {
    const request = JSON.parse(await firstLine(socket, MOST_BYTES)) as ControlRequest;
    socket.setTimeout(0);
    const living = setInterval(() => socket.write('\n'), SIGN_OF_LIFE);
    const answer = await answered(request, commands).finally(() => clearInterval(living));
    socket.setTimeout(REQUEST_TIMEOUT, () => socket.destroy());
    socket.end(`${JSON.stringify(answer)}\n`);
  } catch {
    socket.destroy();
  }
}

async function answered(request: ControlRequest, commands: Readonly<Record<string, ControlCommand>>): Promise<object> {
  const name = String(request.command);
  try {
    const command = Object.hasOwn(commands, name) ? commands[name] : undefined;
    if (!command) throw new ControlError(`the archive does not know the command '${name}'`);
    return await command(request);
  } catch (error) {
    return { error: (error as Error).message };
  }
}

async function exchange(path: string, request: ControlRequest): Promise<ControlRequest | undefined> {
  const socket = createConnection({ path });
  try {
    await new Promise<void>((resolve, reject) => {
      socket.once('connect', resolve);
      socket.once('error', reject);
    });
    socket.setTimeout(MOST_SILENCE, () => socket.destroy(new ControlError('the archive does not answer')));
    socket.write(`${JSON.stringify(request)}\n`);
    return JSON.parse(await firstLine(socket, MOST_ANSWERED)) as ControlRequest;
  } catch (error) {
    // A process that crashed has left it.
    if ((error as NodeJS.ErrnoException).code === 'ECONNREFUSED') return undefined;
    throw error instanceof ControlError
      ? error
      : new ControlError(`the archive did not answer: ${(error as Error).message}`);
  } finally {
    socket.destroy();
  }
}

/** The first line that is not empty. @throws ControlError if it is too long, or the other side ends before it is complete */
async function firstLine(socket: Socket, most: number): Promise<string> {
  let text = '';
  for await (const chunk of socket.iterator({ destroyOnReturn: false })) {
    text = (text + (chunk as Buffer).toString('utf8')).replace(/^\n+/, '');
    const end = text.indexOf('\n');
    if (end >= 0) return text.slice(0, end);
    if (text.length > most) break;
  }
  throw new ControlError('the line is too long or not complete');
}
