#!/usr/bin/env node
// dimse-scu: a service class user for the command line.

// First, before anything that allocates.
import '@x/cli/short-lived-memory';
import { setTimeout as delay } from 'node:timers/promises';
import { configurationPath, readConfiguration } from '@x/cli/configuration-file';
import { createLogger } from '@x/cli/logger';
import { type PeerAddress, peerText } from '@x/cli/peer';
import { ExitCode, run, watchOutput } from '@x/cli/program';
import type { UpperLayerConnection } from '@x/net';
import { createCapture } from '@x/net/capture';
import type { Command } from 'commander';
import { createProgram } from './command-line.ts';
import type {
  CommitOptions,
  CommonOptions,
  DoctorOptions,
  DumpOptions,
  EchoOptions,
  FindOptions,
  GetOptions,
  MoveOptions,
  MppsOptions,
  PeersOptions,
  PrintOptions,
  Shell,
  StoreOptions,
  UpsOptions,
  Verbs,
  WorklistOptions,
} from './options/options.ts';
import type { Connecting } from './peer/connect.ts';
import { explainError, InterruptedError, outputLost } from './peer/explain-error.ts';
import { flushed, Output } from './results/output.ts';
import { commit } from './verbs/commit.ts';
import { completionScript } from './verbs/completion.ts';
import { doctor } from './verbs/doctor.ts';
import { dump } from './verbs/dump.ts';
import { echo } from './verbs/echo.ts';
import { find } from './verbs/find.ts';
import { mpps } from './verbs/mpps.ts';
import { print } from './verbs/print.ts';
import { replay } from './verbs/replay.ts';
import { get, move } from './verbs/retrieve.ts';
import { store } from './verbs/store.ts';
import { ups } from './verbs/ups.ts';
import { worklist } from './verbs/worklist.ts';

// The first Ctrl-C asks for an end in good order, the second for one at once; a third is the system's.
const interruption = new AbortController();
const insistence = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const)
  process.once(signal, () => {
    interruption.abort(new InterruptedError());
    process.once(signal, () => insistence.abort(new InterruptedError()));
  });

let lost: Error | undefined;
watchOutput(process, (error) => {
  lost = outputLost(error);
  interruption.abort(lost);
});

let chosen:
  | {
      readonly peer?: PeerAddress;
      readonly options: { readonly verbose: number; readonly calling?: string };
      run(): Promise<number>;
    }
  | undefined;

/** Does something with a peer; what is said is recorded where that is wanted. */
async function withPeer<Options extends CommonOptions>(
  peer: PeerAddress,
  options: Options,
  work: (connecting: Connecting & { readonly options: Options }) => Promise<number>,
): Promise<number> {
  const { verbose: verbosity, logFormat: format, quiet, capture: path, mask } = options;
  const logger = createLogger({ verbosity, format, quiet });
  const capture = path === undefined ? undefined : await createCapture(path, { mask });
  const connections = new Set<UpperLayerConnection>();
  const { signal } = interruption;
  try {
    return await work({ peer, options, logger, signal, insistence: insistence.signal, connections, capture });
  } finally {
    // A connection that is closed with data unread is reset, and the peer may never read our A-ABORT.
    if (signal.aborted)
      await Promise.race([Promise.all([...connections].map(({ disconnected }) => disconnected)), delay(ABORT_TAKES)]);
    await capture?.close();
    if (capture && capture.dropped > 0) logger.warn(`${capture.dropped} packets are missing from ${path}`);
  }
}

/** Milliseconds that a peer has to take an A-ABORT. */
const ABORT_TAKES = 500;

const verbs: Verbs = {
  async echo(peer: PeerAddress, options: EchoOptions) {
    chosen = { peer, options, run: () => withPeer(peer, options, echo) };
  },
  async store(peer: PeerAddress, paths: readonly string[], options: StoreOptions) {
    chosen = { peer, options, run: () => withPeer(peer, options, (connecting) => store(connecting, paths)) };
  },
  async find(peer: PeerAddress, options: FindOptions) {
    chosen = { peer, options, run: () => withPeer(peer, options, find) };
  },
  async get(peer: PeerAddress, options: GetOptions) {
    chosen = { peer, options, run: () => withPeer(peer, options, get) };
  },
  async move(peer: PeerAddress, options: MoveOptions) {
    chosen = { peer, options, run: () => withPeer(peer, options, move) };
  },
  async worklist(peer: PeerAddress, options: WorklistOptions) {
    chosen = { peer, options, run: () => withPeer(peer, options, worklist) };
  },
  async mpps(peer: PeerAddress, options: MppsOptions) {
    chosen = { peer, options, run: () => withPeer(peer, options, mpps) };
  },
  async ups(peer: PeerAddress, options: UpsOptions) {
    chosen = { peer, options, run: () => withPeer(peer, options, ups) };
  },
  async print(peer: PeerAddress, paths: readonly string[], options: PrintOptions) {
    chosen = { peer, options, run: () => withPeer(peer, options, (connecting) => print(connecting, paths)) };
  },
  async commit(peer: PeerAddress, paths: readonly string[], options: CommitOptions) {
    chosen = { peer, options, run: () => withPeer(peer, options, (connecting) => commit(connecting, paths)) };
  },
  async doctor(peer: PeerAddress, options: DoctorOptions) {
    chosen = { peer, options, run: () => withPeer(peer, options, doctor) };
  },
  async peers(peers: ReadonlyMap<string, PeerAddress>, options: PeersOptions) {
    const output = new Output(options);
    for (const [name, address] of peers)
      output.result(`${name}  ${peerText(address)}`, { name, peer: peerText(address) });
  },
  async completion(shell: Shell, whole: Command) {
    process.stdout.write(completionScript(shell, whole));
  },
  async replay(peer: PeerAddress, path: string, options: CommonOptions) {
    chosen = { peer, options, run: () => withPeer(peer, options, (connecting) => replay(connecting, path)) };
  },
  async dump(path: string, options: DumpOptions) {
    chosen = { options, run: () => dump(path, options) };
  },
};

const exitCode = await run(
  'dimse-scu',
  async () => {
    const configuration = configurationPath(process.argv.slice(2));
    const program = createProgram(verbs, configuration === undefined ? undefined : readConfiguration(configuration));
    await program.parseAsync(process.argv);
    const exitCode = (await chosen?.run()) ?? ExitCode.Success;
    await flushed(process.stdout);
    if (lost) throw lost;
    return exitCode;
  },
  (error) => {
    const { signal } = interruption;
    return explainError(signal.aborted ? signal.reason : error, chosen?.peer, chosen?.options.calling);
  },
  () => (chosen?.options.verbose ?? 0) > 1,
);
await Promise.all([flushed(process.stdout), flushed(process.stderr)]);
// An association that was aborted waits for the peer to close: we have waited long enough.
process.exit(exitCode);
