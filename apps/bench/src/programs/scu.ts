// An SCU from the library, timed from the connection to the release unless its verb says otherwise: store, crowd, echo,
// associate, find, search, query, until-found, get, move.

import { readFileSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import {
  DimseError,
  get as getInstances,
  moveToSelf,
  openDicomFile,
  openSession,
  type Retrieval,
  type Session,
  SopClass,
  storage,
  storageContexts,
  studyRoot,
  TransferSyntax,
  verification,
} from '@x/dimse';
import { STUDY_KEYS } from '../match.ts';
import { warmUp } from './warm-up.ts';

const [verb, port, calledAeTitle, ...rest] = process.argv.slice(2) as [string, string, string, ...string[]];
const { AUTHORITY } = process.env;
const peer = {
  host: '127.0.0.1',
  port: Number(port),
  callingAeTitle: 'BENCH-SCU',
  calledAeTitle,
  ...(AUTHORITY && { tls: { ca: readFileSync(AUTHORITY) } }),
};
const READ_AHEAD = 1024 * 1024;
const verbs: Record<string, (...args: string[]) => Promise<number>> = {
  store,
  crowd,
  echo,
  associate,
  find,
  search,
  query,
  'until-found': untilFound,
  get,
  move,
};
const milliseconds = await verbs[verb]?.(...rest);
process.stdout.write(`${JSON.stringify({ milliseconds })}\n`);

/** Stores the files of a folder, all of one SOP class, with the given number of concurrent operations. */
async function store(folder: string, window = '1'): Promise<number> {
  const paths = (await readdir(folder)).sort().map((name) => join(folder, name));
  const first = await openDicomFile(paths[0] as string);
  const kind = { sopClass: first.sopClass as string, transferSyntax: first.transferSyntax };
  await first.close();
  const options = {
    ...peer,
    services: [storage],
    contexts: storageContexts([kind])[0] ?? [],
    ...(window !== '1' && { asynchronousOperations: Number(window) }),
  };
  const storeAll = async () => {
    const session = await openSession(options);
    const left = [...paths];
    await Promise.all(Array.from({ length: Number(window) }, () => storeNext(session, left)));
    await session.release();
  };
  await warmUp(storeAll);
  const begun = performance.now();
  await storeAll();
  return performance.now() - begun;
}

/** Runs many SCUs at once, each with an association and its share of the files. */
async function crowd(folder: string, scus: string): Promise<number> {
  const paths = (await readdir(folder)).sort().map((name) => join(folder, name));
  const share = paths.length / Number(scus);
  const kind = { sopClass: SopClass.CTImageStorage, transferSyntax: TransferSyntax.ExplicitVRLittleEndian };
  const begun = performance.now();
  await Promise.all(
    Array.from({ length: Number(scus) }, async (_, index) => {
      const session = await openSession({
        ...peer,
        services: [storage],
        contexts: storageContexts([kind])[0] ?? [],
      });
      await storeNext(session, paths.slice(index * share, (index + 1) * share));
      await session.release();
    }),
  );
  return performance.now() - begun;
}

/** Reads the next file while one is being sent. */
async function storeNext(session: Session, paths: string[]): Promise<void> {
  const buffers = [Buffer.allocUnsafeSlow(READ_AHEAD), Buffer.allocUnsafeSlow(READ_AHEAD)] as const;
  let round = 0;
  const takeNext = () => {
    const path = paths.shift();
    return path === undefined ? undefined : openDicomFile(path, { buffer: buffers[++round % 2 === 0 ? 0 : 1] });
  };
  for (let next = takeNext(); next; ) {
    const file = await next;
    next = takeNext();
    const { sopClass, sopInstance, transferSyntax, source } = file;
    const request = { sopClass: sopClass as string, sopInstance: sopInstance as string, transferSyntax };
    const { status } = await session.use(storage).store({ ...request, data: source });
    if (status !== 0) throw new Error(`status ${status}`);
    await file.close();
  }
}

/** Round trips on one association. */
async function echo(times: string): Promise<number> {
  const session = await openSession({ ...peer, services: [verification] });
  const client = session.use(verification);
  for (let time = 0; time < Number(times) / 5; time++) await client.echo();
  const begun = performance.now();
  for (let time = 0; time < Number(times); time++) await client.echo();
  const took = performance.now() - begun;
  await session.release();
  return took;
}

/** Opens associations with one echo each, several at once. */
async function associate(times: string, atOnce: string): Promise<number> {
  const worker = async (count: number) => {
    for (let time = 0; time < count; time++) {
      const session = await openSession({ ...peer, services: [verification] });
      await session.use(verification).echo();
      await session.release();
    }
  };
  await worker(10);
  const begun = performance.now();
  await Promise.all(Array.from({ length: Number(atOnce) }, () => worker(Number(times) / Number(atOnce))));
  return performance.now() - begun;
}

/** Searches that have the given number of matches each, on one association, after a warm-up: the time of one. */
async function find(count: string, times: string): Promise<number> {
  const keys = { PatientID: count, StudyInstanceUID: '' };
  return (await timeOfSearches(keys, Number(count), Number(times), 4)) / Number(times);
}

/** Finds all studies, several times on one association, after a warm-up. */
function search(studies: string, times: string): Promise<number> {
  return timeOfSearches(STUDY_KEYS, Number(studies), Number(times), 20);
}

async function timeOfSearches(
  keys: Readonly<Record<string, string>>,
  count: number,
  times: number,
  before: number,
): Promise<number> {
  const session = await openSession({ ...peer, services: [studyRoot] });
  let begun = 0;
  for (let time = -before; time < times; time++) {
    if (time === 0) begun = performance.now();
    const found = await foundStudies(session, keys);
    if (found !== count) throw new Error(`${found} found`);
  }
  const took = performance.now() - begun;
  await session.release();
  return took;
}

/** The median of several searches for studies by one attribute. */
async function query(keyword: string, value: string): Promise<number> {
  const session = await openSession({ ...peer, services: [studyRoot], timeouts: { response: 300_000 } });
  const times: number[] = [];
  for (let time = 0; time < 5; time++) {
    const begun = performance.now();
    await foundStudies(session, { QueryRetrieveLevel: 'STUDY', StudyInstanceUID: '', [keyword]: value });
    times.push(performance.now() - begun);
  }
  await session.release();
  return times.sort((a, b) => a - b)[2] as number;
}

/** Asks for a study until the archive finds it. An archive may refuse queries until it has compared files and index. */
async function untilFound(study: string): Promise<number> {
  const begun = performance.now();
  const longest = 1_800_000;
  const session = await openSession({ ...peer, services: [studyRoot] });
  while (performance.now() - begun < longest) {
    try {
      if ((await foundStudies(session, { QueryRetrieveLevel: 'STUDY', StudyInstanceUID: study })) === 1) break;
    } catch (error) {
      if (!(error instanceof DimseError)) throw error;
    }
    await delay(20);
  }
  await session.release();
  return performance.now() - begun;
}

async function foundStudies(session: Session, keys: Readonly<Record<string, string>>): Promise<number> {
  let found = 0;
  const responses = session.use(studyRoot).find({ identifier: keys });
  for await (const { identifier } of responses) if (identifier?.StudyInstanceUID) found++;
  return found;
}

async function get(count: string, times: string): Promise<number> {
  const identifier = await onlyStudy();
  const kinds = { sopClasses: [SopClass.CTImageStorage], transferSyntaxes: [TransferSyntax.ExplicitVRLittleEndian] };
  return timed(times, () => drain(getInstances({ ...peer, identifier, ...kinds }), count));
}

/** Moves to itself, with the AE title and at the port that the archive has in its configuration. */
async function move(count: string, times: string, aeTitle: string, receiverPort: string): Promise<number> {
  const identifier = await onlyStudy();
  const receiver = { aeTitle, host: '127.0.0.1', port: Number(receiverPort) };
  return timed(times, () => drain(moveToSelf({ ...peer, identifier, receiver }), count));
}

/** Does some work as often as it is measured, after it has been done once. */
async function timed(times: string, work: () => Promise<void>): Promise<number> {
  await warmUp(work);
  const begun = performance.now();
  for (let time = 0; time < Number(times); time++) await work();
  return performance.now() - begun;
}

async function onlyStudy() {
  const session = await openSession({ ...peer, services: [studyRoot] });
  const responses = session
    .use(studyRoot)
    .find({ identifier: { QueryRetrieveLevel: 'STUDY', PatientID: '', StudyInstanceUID: '' } });
  let StudyInstanceUID: unknown;
  for await (const { identifier } of responses) StudyInstanceUID = identifier?.StudyInstanceUID;
  await session.release();
  return { QueryRetrieveLevel: 'STUDY', StudyInstanceUID } as { QueryRetrieveLevel: string; StudyInstanceUID: string };
}

async function drain(retrieval: Retrieval, count: string): Promise<void> {
  let received = 0;
  for await (const { data } of retrieval) {
    for await (const _ of data.batches());
    received++;
  }
  if (received !== Number(count)) throw new Error(`${received} received: ${JSON.stringify(retrieval.report)}`);
}
