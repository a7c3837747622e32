// Many SCUs at once, each with an association, timed from the first connection to the last release.
// crowd-scu find|move PORT CALLED SCUS COUNT: searches of each SCU for one study, or the instances that all of them have moved.

import { openSession, type Session, studyRoot } from '@x/dimse';

const [verb, port, calledAeTitle, scus, count] = process.argv.slice(2) as [string, string, string, string, string];
const peer = { host: '127.0.0.1', port: Number(port), callingAeTitle: 'BENCH-SCU', calledAeTitle };
const studies = await withSession(async (session) => {
  const found: string[] = [];
  const responses = session.use(studyRoot).find({ identifier: { QueryRetrieveLevel: 'STUDY', StudyInstanceUID: '' } });
  for await (const { identifier } of responses) found.push(String(identifier?.StudyInstanceUID));
  return found;
});
const begun = performance.now();
await Promise.all(Array.from({ length: Number(scus) }, (_, index) => withSession((session) => work(session, index))));
process.stdout.write(`${JSON.stringify({ milliseconds: performance.now() - begun })}\n`);

async function work(session: Session, index: number): Promise<void> {
  if (verb === 'find') {
    for (let time = 0; time < Number(count); time++) await findStudy(session, studies[time % studies.length] as string);
    return;
  }
  // Each SCU has its own studies moved to the peer BENCH.
  const own = studies.filter((_, at) => at % Number(scus) === index);
  for (const StudyInstanceUID of own) {
    const identifier = { QueryRetrieveLevel: 'STUDY', StudyInstanceUID };
    const { completed } = await session.use(studyRoot).move({ destination: 'BENCH', identifier }).final;
    if (completed !== Number(count) / studies.length) throw new Error(`${completed} were moved`);
  }
}

async function findStudy(session: Session, StudyInstanceUID: string): Promise<void> {
  const keys = { StudyDate: '', PatientID: '', PatientName: '', AccessionNumber: '', StudyDescription: '' };
  let found = 0;
  const identifier = { QueryRetrieveLevel: 'STUDY', StudyInstanceUID, ...keys };
  for await (const _ of session.use(studyRoot).find({ identifier })) found++;
  if (found !== 1) throw new Error(`${found} found`);
}

async function withSession<Result>(use: (session: Session) => Promise<Result>): Promise<Result> {
  const session = await openSession({ ...peer, services: [studyRoot] });
  const result = await use(session);
  await session.release();
  return result;
}
