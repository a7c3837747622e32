// Stores instances in an archive that is killed meanwhile.

import { type InstanceSource, storeInstances } from '@x/dimse';
import type { Listening } from '@x/testing/processes';

/** Stores until `enough` instances are acknowledged, then kills the archive. Gives the acknowledged instances. */
export async function storeUntilKilled(
  archive: Listening,
  instances: Iterable<InstanceSource>,
  {
    enough,
    parallel,
    window,
  }: {
    readonly enough: number;
    readonly parallel: number;
    readonly window: number;
  },
): Promise<string[]> {
  const acknowledged: string[] = [];
  let killed: Promise<unknown> | undefined;
  const outcomes = storeInstances(instances, {
    ...{
      host: '127.0.0.1',
      port: archive.port,
      callingAeTitle: 'STORER',
      calledAeTitle: 'ARCHIVE',
    },
    ...{ parallel, recovery: { reconnections: 0 } },
    asynchronousOperations: { invoke: window, perform: 1 },
  });
  for await (const { result, sopInstance = '' } of outcomes) {
    if (result === 'sent') acknowledged.push(sopInstance);
    else if (killed) break;
    if (acknowledged.length >= enough) killed ??= archive.stop('SIGKILL');
  }
  await killed;
  return acknowledged;
}
