// Many C-MOVE operations at once, to one destination and to the archive itself.

import { createLogger } from '@x/cli/logger';
import {
  createScp,
  openSession,
  type Scp,
  type Session,
  SopClass,
  Status,
  serve,
  storage,
  studyRoot,
  TransferSyntax,
} from '@x/dimse';
import { afterEach, expect, test } from 'vitest';
import type { IndexedInstance } from '../instances/archive-index/archive-index.ts';
import { StudyNeeds } from '../instances/study-needs.ts';
import { queryRetrieveServices } from './query-retrieve-services.ts';
import { MAXIMUM_MOVES_TO_PEER } from './retrieval-places.ts';

const scps: Scp[] = [];
const sessions: Session[] = [];
afterEach(async () => {
  for (const session of sessions.splice(0)) session.abort();
  for (const scp of scps.splice(0)) await scp.close();
});

const instance: IndexedInstance = {
  ...{ study: '1', series: '1.1', sopInstance: '1.1.1', sopClass: SopClass.CTImageStorage, length: 64 },
  transferSyntax: TransferSyntax.ExplicitVRLittleEndian,
};

/** An archive with one instance, whose peers are at these ports, and the UIDs of the instances that it has received. */
async function startArchive(peer: { aeTitle: string; host: string; port: number }[]) {
  const logger = createLogger({ verbosity: 0, format: 'json', quiet: true });
  const stored: string[] = [];
  const instances = {
    index: {
      countInstances: async () => 1,
      async *instances() {
        yield instance;
      },
    },
    needs: new StudyNeeds(),
    open: async () => ({ source: new Uint8Array(64), close: async () => {} }),
  };
  const archive = createScp({
    aeTitle: 'ARCHIVE',
    calls: [storage],
    services: [
      ...queryRetrieveServices({ aet: 'ARCHIVE', window: 1, peer } as never, instances as never, () => {}, logger),
      serve(storage, {
        async store({ sopInstance, data }) {
          for await (const _ of data);
          stored.push(sopInstance);
          return Status.Success;
        },
      }),
    ],
  });
  scps.push(archive);
  const { port } = await archive.listen({ port: 0, host: '127.0.0.1' });
  const move = async (destination: string) => {
    const address = { host: '127.0.0.1', port, callingAeTitle: 'USER', calledAeTitle: 'ARCHIVE' };
    const session = await openSession({ ...address, services: [studyRoot] });
    sessions.push(session);
    const identifier = { QueryRetrieveLevel: 'STUDY', StudyInstanceUID: '1' };
    return session.use(studyRoot).move({ destination, identifier }).final;
  };
  return { port, stored, move };
}

test('sends to a destination on a limited number of associations at once, and in the end everything', async () => {
  let present = 0;
  let most = 0;
  let open = () => {};
  const gate = new Promise<void>((resolve) => {
    open = resolve;
  });
  let full = () => {};
  const isFull = new Promise<void>((resolve) => {
    full = resolve;
  });
  const destination = createScp({
    aeTitle: 'DESTINATION',
    services: [
      serve(storage, {
        async store({ data }) {
          for await (const _ of data);
          most = Math.max(most, ++present);
          if (present === MAXIMUM_MOVES_TO_PEER) full();
          await gate;
          present--;
          return Status.Success;
        },
      }),
    ],
  });
  scps.push(destination);
  const { port } = await destination.listen({ port: 0, host: '127.0.0.1' });
  const { move } = await startArchive([{ aeTitle: 'DESTINATION', host: '127.0.0.1', port }]);
  const moves = Array.from({ length: 3 * MAXIMUM_MOVES_TO_PEER }, () => move('DESTINATION'));
  await isFull;
  // A destination that the archive does not know needs no place.
  await expect(move('NOWHERE')).rejects.toMatchObject({ status: 0xa801 });
  open();
  const answers = await Promise.all(moves);
  expect(answers.map(({ completed }) => completed)).toEqual(moves.map(() => 1));
  expect(most).toBe(MAXIMUM_MOVES_TO_PEER);
});

test('can move to itself', async () => {
  const peer: { aeTitle: string; host: string; port: number }[] = [];
  const { port, stored, move } = await startArchive(peer);
  peer.push({ aeTitle: 'ARCHIVE', host: '127.0.0.1', port });
  const answers = await Promise.all(Array.from({ length: 20 }, () => move('ARCHIVE')));
  expect(answers.map(({ completed }) => completed)).toEqual(answers.map(() => 1));
  expect(stored).toHaveLength(20);
});
