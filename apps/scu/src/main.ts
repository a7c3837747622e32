#!/usr/bin/env node
// dimse-scu: a service class user for the command line.

// First, before anything that allocates.
import '@x/cli/short-lived-memory';
import { createLogger } from '@x/cli/logger';
import type { PeerAddress } from '@x/cli/peer';
import { run } from '@x/cli/program';
import type { Connecting } from './connect.ts';
import { echo } from './echo.ts';
import { explainError, InterruptedError } from './explain-error.ts';
import { type CommonOptions, createProgram, type EchoOptions, type StoreOptions } from './options.ts';
import { flushed } from './output.ts';
import { store } from './store.ts';

const interruption = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const)
  process.once(signal, () => interruption.abort(new InterruptedError()));

let chosen: { readonly peer: PeerAddress; readonly options: CommonOptions; run(): Promise<number> } | undefined;

function connecting<Options extends CommonOptions>(
  peer: PeerAddress,
  options: Options,
): Connecting & { options: Options } {
  const { verbose: verbosity, logFormat: format, quiet } = options;
  return { peer, options, logger: createLogger({ verbosity, format, quiet }), signal: interruption.signal };
}

const program = createProgram({
  async echo(peer: PeerAddress, options: EchoOptions) {
    chosen = { peer, options, run: () => echo(connecting(peer, options)) };
  },
  async store(peer: PeerAddress, paths: readonly string[], options: StoreOptions) {
    chosen = { peer, options, run: () => store(connecting(peer, options), paths) };
  },
});

const exitCode = await run(
  program,
  process.argv,
  async () => (await chosen?.run()) ?? 0,
  (error) => {
    const { signal } = interruption;
    return explainError(signal.aborted ? signal.reason : error, chosen?.peer, chosen?.options.calling);
  },
  () => (chosen?.options.verbose ?? 0) > 1,
);
await Promise.all([flushed(process.stdout), flushed(process.stderr)]);
// An association that was aborted waits for the peer to close: we do not.
process.exit(exitCode);
