// C-ECHO round trips on one association, and associations, with one client against several providers.

import { openSession, verification } from '@x/dimse';
import { type Contestant, compare, type Row } from './measure.ts';
import { type Server, startChild, startStorescp } from './processes.ts';

export async function echoRows(rounds: number): Promise<Row[]> {
  const [ours, theirs] = await Promise.all([startChild('discard'), startStorescp('--ignore')]);
  const against = (name: string, server: Server, work: (port: number) => Promise<number>): Contestant => ({
    name,
    run: () => work(server.port),
  });
  const contest = (work: (port: number) => Promise<number>) => [
    against('ours', ours, work),
    against('DCMTK storescp', theirs, work),
  ];
  try {
    return [
      await compare('C-ECHO round trips on one association, our SCU', 'per second', contest(echoes), rounds),
      await compare(
        'associations with a C-ECHO each, one after the other, our SCU',
        'per second',
        contest(associations),
        rounds,
      ),
    ];
  } finally {
    await Promise.all([ours.stop(), theirs.stop()]);
  }
}

const ECHOES = 5000;
const ASSOCIATIONS = 300;

const open = (port: number) =>
  openSession({ host: '127.0.0.1', port, callingAeTitle: 'BENCH', calledAeTitle: 'NULL', services: [verification] });

async function echoes(port: number): Promise<number> {
  const session = await open(port);
  const { echo } = session.use(verification);
  const begun = performance.now();
  for (let count = 0; count < ECHOES; count++) await echo();
  const seconds = (performance.now() - begun) / 1000;
  await session.release();
  return ECHOES / seconds;
}

async function associations(port: number): Promise<number> {
  const begun = performance.now();
  for (let count = 0; count < ASSOCIATIONS; count++) {
    const session = await open(port);
    await session.use(verification).echo();
    await session.release();
  }
  return (ASSOCIATIONS * 1000) / (performance.now() - begun);
}
