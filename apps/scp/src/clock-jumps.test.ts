// The clock of the machine is set back or forward while the archive runs.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  createScp,
  modalityPerformedProcedureStep,
  openSession,
  type Session,
  Status,
  serve,
  verification,
} from '@x/dimse';
import { PerformedProcedureStepUser } from '@x/dimse/workflow';
import { freePort, type RunningScp, startScp } from '@x/testing/processes';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { keptIn } from '../test/world.ts';

// Loaded before the archive: its clock differs by the milliseconds in a file.
const CLOCK = `
  import { readFileSync } from 'node:fs';
  const now = Date.now;
  Date.now = () => now() + Number(readFileSync(process.env.CLOCK_OFFSET, 'utf8'));
  globalThis.Date = class extends Date {
    constructor(...args) {
      super(...(args.length > 0 ? args : [Date.now()]));
    }
  };`;

const DAY = 86_400_000;
const PERFORMED_STEP = {
  ScheduledStepAttributesSequence: [
    {
      ...{ StudyInstanceUID: '1.2', ReferencedStudySequence: [], AccessionNumber: '', RequestedProcedureID: '' },
      ...{ RequestedProcedureDescription: '', ScheduledProcedureStepID: '', ScheduledProcedureStepDescription: '' },
      ScheduledProtocolCodeSequence: [],
    },
  ],
  PerformedProcedureStepID: 'P1',
  PerformedStationAETitle: 'CT1',
  PerformedProcedureStepStartDate: '20260101',
  PerformedProcedureStepStartTime: '120000',
  Modality: 'CT',
};

let folder: string;
let archive: RunningScp | undefined;
const sessions: Session[] = [];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'clock-'));
});
afterEach(async () => {
  for (const session of sessions.splice(0)) session.abort();
  await archive?.stop('SIGKILL');
  rmSync(folder, { recursive: true });
});

async function connect(): Promise<Session> {
  const peer = { host: '127.0.0.1', port: archive?.port ?? 0, callingAeTitle: 'CT1', calledAeTitle: 'DIMSE' };
  const session = await openSession({ ...peer, services: [modalityPerformedProcedureStep, verification] });
  sessions.push(session);
  return session;
}

test('reports go out, associations go on and nothing is removed, whichever way the clock is set', async () => {
  const offset = join(folder, 'offset');
  writeFileSync(offset, '0');
  const port = await freePort();
  archive = await startScp(
    [
      ...keptIn(join(folder, 'data')),
      '--peer',
      `VIEWER=127.0.0.1:${port}`,
      '--notify',
      'VIEWER',
      '--idle-timeout',
      '60',
    ],
    {
      env: { CLOCK_OFFSET: offset, NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(CLOCK)}` },
    },
  );
  const failures = () => archive?.stderr().match(/could not be delivered/g)?.length ?? 0;
  const lasting = await connect();
  const first = await new PerformedProcedureStepUser().begin(lasting, PERFORMED_STEP);
  const events: string[] = [];
  const user = serve(
    modalityPerformedProcedureStep,
    {
      eventReport({ sopInstance }) {
        events.push(sopInstance);
        return Status.Success;
      },
    },
    { roles: { scu: false, scp: true } },
  );
  for (const [jump, milliseconds] of [-DAY, 366 * DAY].entries()) {
    // A report waits for its next attempt.
    await expect.poll(failures, { timeout: 20_000 }).toBeGreaterThan(jump);
    writeFileSync(offset, `${milliseconds}`);
    const viewer = createScp({ aeTitle: 'VIEWER', services: [user] });
    await viewer.listen({ port, host: '127.0.0.1' });
    await expect.poll(() => events.length, { timeout: 20_000 }).toBe(jump + 1);
    await viewer.close();
    for (const session of [lasting, await connect()])
      expect(await session.use(verification).echo()).toMatchObject({ status: Status.Success });
    await new PerformedProcedureStepUser().begin(lasting, PERFORMED_STEP);
  }
  const { sopInstance } = first;
  const { attributes } = await lasting.use(modalityPerformedProcedureStep).get({ sopInstance });
  expect(attributes).toMatchObject({ PerformedProcedureStepStatus: 'IN PROGRESS' });
}, 90_000);
