// Storage commitment with Orthanc, in both roles.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  CommitmentFailure,
  createScp,
  encodeDataSet,
  openSession,
  type Scp,
  storage,
  storageCommitment,
  verification,
} from '@x/dimse';
import {
  EventDelivery,
  type ReferencedInstance,
  StorageCommitmentProvider,
  StorageCommitmentUser,
} from '@x/dimse/workflow';
import { isInstalled } from '@x/testing/processes';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { askByOrthanc, type RunningOrthanc, startOrthanc } from './orthanc.ts';

const EXPLICIT = '1.2.840.10008.1.2.1';
const SECONDARY_CAPTURE = '1.2.840.10008.5.1.4.1.1.7';
const held: ReferencedInstance = { sopClass: SECONDARY_CAPTURE, sopInstance: '2.25.1001' };
const unknown: ReferencedInstance = { sopClass: SECONDARY_CAPTURE, sopInstance: '2.25.1002' };

describe.runIf(isInstalled('Orthanc'))('with Orthanc', () => {
  const home = mkdtempSync(join(tmpdir(), 'interop-commitment-'));
  const user = new StorageCommitmentUser();
  let orthanc: RunningOrthanc;
  let scp: Scp;
  let delivery: EventDelivery;
  let provider: StorageCommitmentProvider;

  beforeAll(async () => {
    delivery = new EventDelivery({
      resolvePeer: (calledAeTitle) => ({ host: '127.0.0.1', port: orthanc.port, callingAeTitle: 'ME', calledAeTitle }),
    });
    provider = new StorageCommitmentProvider({
      delivery,
      holds: ({ sopInstance }) => sopInstance === held.sopInstance || CommitmentFailure.NoSuchObjectInstance,
    });
    // One AE title in both roles: it receives requests and reports.
    const { service } = provider;
    const handlers = { ...service.handlers, ...user.service.handlers };
    scp = createScp({
      aeTitle: 'ME',
      services: [{ ...service, handlers, roles: { scu: true, scp: true } }],
    });
    const { port: ourPort } = await scp.listen({ port: 0, host: '127.0.0.1' });
    orthanc = await startOrthanc(home, { me: { aeTitle: 'ME', port: ourPort } });
  });

  afterAll(async () => {
    await provider?.close();
    await delivery?.close();
    await scp?.close();
    await orthanc?.stop();
    rmSync(home, { recursive: true, force: true });
  });

  const connect = () =>
    openSession({
      host: '127.0.0.1',
      port: orthanc.port,
      callingAeTitle: 'ME',
      calledAeTitle: 'ORTHANC',
      services: [verification, storage, storageCommitment],
      contexts: [
        { abstractSyntax: SECONDARY_CAPTURE, transferSyntaxes: [EXPLICIT] },
        { abstractSyntax: storageCommitment.sopClasses.PushModel.uid, transferSyntaxes: [EXPLICIT] },
      ],
    });

  test('our SCU receives the committed and the failed instances', async () => {
    const session = await connect();
    const data = encodeDataSet(
      {
        SOPClassUID: held.sopClass,
        SOPInstanceUID: held.sopInstance,
        PatientID: 'COMMIT',
        StudyInstanceUID: '2.25.1',
        SeriesInstanceUID: '2.25.2',
        Modality: 'OT',
      },
      EXPLICIT,
    );
    await session.use(storage).store({ ...held, transferSyntax: EXPLICIT, data });
    const all = await user.requestCommitment(session, [held], { reportTimeout: 30_000 });
    expect(all).toMatchObject({ committed: [held], failed: [], unreported: [] });
    const some = await user.requestCommitment(session, [held, unknown], { reportTimeout: 30_000 });
    expect(some).toMatchObject({
      committed: [held],
      failed: [{ ...unknown, reason: CommitmentFailure.NoSuchObjectInstance }],
      unreported: [],
    });
    await session.release();
  });

  test.each([
    ['Success', [held]],
    ['Failure', [held, unknown]],
  ] as const)('our SCP tells it: %s', async (status, instances) => {
    const report = await askByOrthanc(
      orthanc,
      'me',
      instances.map(({ sopClass, sopInstance }) => [sopClass, sopInstance]),
    );
    expect(report.Status).toBe(status);
    const { Success: success, Failures: failures = [] } = report;
    expect(success).toEqual([{ SOPClassUID: held.sopClass, SOPInstanceUID: held.sopInstance }]);
    expect(failures).toHaveLength(instances.length - 1);
  });
});
