// Activities of users and strangers of an archive during the soak. Each opens its own sessions and closes them.

import { randomBytes } from 'node:crypto';
import { connect } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import {
  type DataSet,
  get,
  type InstanceSource,
  makeUid,
  modalityPerformedProcedureStep,
  modalityWorklist,
  openSession,
  printManagement,
  type Service,
  type ServiceClass,
  type Session,
  SopClass,
  Status,
  storageCommitment,
  storeInstances,
  studyRoot,
  TransferSyntax,
  unifiedProcedureStep,
  verification,
} from '@x/dimse';
import { PrintUser } from '@x/dimse/print';
import { PerformedProcedureStepUser, StorageCommitmentUser, UnifiedProcedureStepUser } from '@x/dimse/workflow';
import { startFaultProxy } from '@x/net/testing';
import { syntheticDataSet } from '@x/testing/data-sets';

/** The archive under load, and the instances that it has acknowledged. */
export interface Load {
  readonly port: number;
  /** Study Instance UIDs and the SOP Instance UIDs that were acknowledged. */
  readonly studies: Map<string, string[]>;
}

export type Activity = (load: Load) => Promise<void>;

const IMAGES = 20;
const peer = ({ port }: Load, calledAeTitle = 'SOAK') =>
  ({ host: '127.0.0.1', port, callingAeTitle: 'LOAD', calledAeTitle }) as const;

/** A session of a user with the archive. */
export function session(load: Load, services: readonly ServiceClass[], serves: readonly Service[] = []) {
  return openSession({ ...peer(load), services, serves });
}

function anyStudy({ studies }: Load): readonly [string, readonly string[]] | undefined {
  const all = [...studies];
  return all[Math.floor(Math.random() * all.length)];
}

function expectEqual(what: string, found: unknown, expected: unknown): void {
  if (found !== expected) throw new Error(`${what}: ${found} instead of ${expected}`);
}

function* instances(study: string, count: number): Generator<InstanceSource> {
  for (let index = 0; index < count; index++) {
    const sopInstance = makeUid();
    yield {
      sopClass: SopClass.CTImageStorage,
      sopInstance,
      transferSyntax: TransferSyntax.ExplicitVRLittleEndian,
      data: () =>
        syntheticDataSet({
          sopClass: SopClass.CTImageStorage,
          sopInstance,
          study,
          series: `${study}.1`,
          pixelLength: 2 * Math.floor(Math.random() * 32_768) + 2,
        }),
    };
  }
}

async function store(load: Load): Promise<void> {
  const study = makeUid().slice(0, 50);
  const stored: string[] = [];
  const window = { asynchronousOperations: 8 };
  for await (const { result, sopInstance = '', reason } of storeInstances(instances(study, IMAGES), {
    ...peer(load),
    ...window,
  })) {
    if (result !== 'sent') throw new Error(`${sopInstance} was not sent: ${reason}`);
    stored.push(sopInstance);
  }
  load.studies.set(study, stored);
}

/** The number of instances of a study that a query finds. */
export async function instancesFound(open: Session, study: string): Promise<number> {
  const keys = { StudyInstanceUID: study, SeriesInstanceUID: `${study}.1`, SOPInstanceUID: '' };
  let found = 0;
  for await (const _ of open.use(studyRoot).find({ identifier: { QueryRetrieveLevel: 'IMAGE', ...keys } })) found++;
  return found;
}

async function find(load: Load): Promise<void> {
  const [study, uids] = anyStudy(load) ?? [];
  if (!study || !uids) return;
  await using open = await session(load, [studyRoot]);
  expectEqual('instances found', await instancesFound(open, study), uids.length);
}

async function findAndCancel(load: Load): Promise<void> {
  await using open = await session(load, [studyRoot]);
  const identifier = { QueryRetrieveLevel: 'STUDY', StudyInstanceUID: '', PatientName: '*' };
  for await (const _ of open.use(studyRoot).find({ identifier })) break;
}

async function retrieve(load: Load): Promise<void> {
  const [study, uids] = anyStudy(load) ?? [];
  if (!study || !uids) return;
  const identifier = { QueryRetrieveLevel: 'STUDY', StudyInstanceUID: study };
  let arrived = 0;
  for await (const { data } of get({ ...peer(load), identifier, sopClasses: [SopClass.CTImageStorage] })) {
    for await (const _ of data.batches());
    arrived++;
  }
  expectEqual('instances retrieved', arrived, uids.length);
}

async function move(load: Load): Promise<void> {
  const [study, uids] = anyStudy(load) ?? [];
  if (!study || !uids) return;
  await using open = await session(load, [studyRoot]);
  const identifier = { QueryRetrieveLevel: 'STUDY', StudyInstanceUID: study };
  const { completed } = await open.use(studyRoot).move({ destination: 'DEST', identifier }).final;
  expectEqual('instances moved', completed, uids.length);
}

async function echoes(load: Load): Promise<void> {
  await using open = await session(load, [verification]);
  for (let count = 0; count < 20; count++) await open.use(verification).echo();
}

async function worklist(load: Load): Promise<void> {
  await using open = await session(load, [modalityWorklist]);
  const identifier = { PatientName: '', ScheduledProcedureStepSequence: [{ Modality: 'CT' }] };
  await open.use(modalityWorklist).find({ identifier }).final;
}

const SCHEDULED = { StudyInstanceUID: '1.2.3', ReferencedStudySequence: [], AccessionNumber: 'A1' };

async function performedStep(load: Load): Promise<void> {
  await using open = await session(load, [modalityPerformedProcedureStep]);
  const step = await new PerformedProcedureStepUser().begin(open, {
    ScheduledStepAttributesSequence: [SCHEDULED],
    PerformedProcedureStepID: 'P1',
    PerformedStationAETitle: 'LOAD',
    PerformedProcedureStepStartDate: '20260101',
    PerformedProcedureStepStartTime: '120000',
    Modality: 'CT',
  });
  await step.complete(open, {
    PerformedProcedureStepEndDate: '20260101',
    PerformedProcedureStepEndTime: '121500',
    PerformedSeriesSequence: [{ ProtocolName: 'HEAD', SeriesInstanceUID: '1.2.3.4' }],
  });
}

async function commitment(load: Load): Promise<void> {
  const [, uids] = anyStudy(load) ?? [];
  if (!uids) return;
  const user = new StorageCommitmentUser();
  await using open = await session(load, [storageCommitment], [user.service]);
  const referenced = uids.map((sopInstance) => ({ sopClass: SopClass.CTImageStorage, sopInstance }));
  const { committed } = await user.requestCommitment(open, referenced, { reportTimeout: 60_000 });
  expectEqual('instances committed', committed.length, uids.length);
}

async function workItem(load: Load): Promise<void> {
  const user = new UnifiedProcedureStepUser();
  await using open = await session(load, [unifiedProcedureStep]);
  const { sopInstance } = await user.create(open, {
    ScheduledProcedureStepPriority: 'MEDIUM',
    ProcedureStepLabel: 'soak',
    ScheduledProcedureStepStartDateTime: '20260101120000+0000',
    InputReadinessState: 'READY',
  });
  const transaction = await user.claim(open, sopInstance);
  await user.changeState(open, sopInstance, 'CANCELED', transaction).catch((error: { readonly status?: number }) => {
    // The final state has requirements that this work item does not meet (C304H).
    if (error.status !== 0xc304) throw error;
  });
}

const PRINTED: DataSet = {
  SamplesPerPixel: 1,
  PhotometricInterpretation: 'MONOCHROME2',
  Rows: 64,
  Columns: 64,
  BitsAllocated: 8,
  BitsStored: 8,
  HighBit: 7,
  PixelRepresentation: 0,
  PixelData: new Uint8Array(64 * 64),
};

async function film(load: Load): Promise<void> {
  await using open = await openSession({
    ...peer(load),
    services: [printManagement],
    contexts: [
      {
        abstractSyntax: printManagement.sopClasses.GrayscaleMeta.uid,
        transferSyntaxes: [TransferSyntax.ExplicitVRLittleEndian],
      },
    ],
  });
  const { status } = await new PrintUser().printFilm(open, { format: 'STANDARD\\1,1', images: [PRINTED] });
  expectEqual('status of the film', status, Status.Success);
}

/** Bytes that are not DICOM. */
async function noise({ port }: Load): Promise<void> {
  const socket = connect({ host: '127.0.0.1', port });
  socket.on('error', () => {}).resume();
  const closed = new Promise((resolve) => socket.once('close', resolve));
  socket.end(randomBytes(200));
  await closed;
}

/** An archive that is called by a name that it does not have. */
async function wrongName(load: Load): Promise<void> {
  const refused = await openSession({ ...peer(load, 'NOBODY'), services: [verification] }).then(
    () => undefined,
    (error: unknown) => error,
  );
  if (!refused) throw new Error('an unknown AE title was accepted');
}

/** A connection that is reset in the middle of a transfer; the transfer goes on over another one. */
async function cut(load: Load): Promise<void> {
  const at = 2_000 + Math.floor(Math.random() * 200_000);
  await using proxy = await startFaultProxy({
    target: { port: load.port },
    faults: (connection) => (connection === 0 ? [{ direction: 'to server', kind: 'reset', at }] : []),
  });
  const study = makeUid().slice(0, 50);
  const stored: string[] = [];
  for await (const { result, sopInstance = '' } of storeInstances(instances(study, 10), {
    ...peer(load),
    port: proxy.port,
  }))
    if (result === 'sent') stored.push(sopInstance);
  load.studies.set(study, stored);
}

/** A peer that aborts while its requests are performed. */
async function abort(load: Load): Promise<void> {
  const open = await session(load, [studyRoot]);
  const identifier = { QueryRetrieveLevel: 'STUDY', StudyInstanceUID: '' };
  const answers = Array.from({ length: 4 }, () => open.use(studyRoot).find({ identifier }).final);
  await delay(5);
  open.association.abort();
  await Promise.allSettled(answers);
}

/** By name, with how often each is chosen. */
export const ACTIVITIES: Readonly<Record<string, readonly [weight: number, activity: Activity]>> = {
  store: [20, store],
  find: [15, find],
  'find and cancel': [5, findAndCancel],
  get: [5, retrieve],
  move: [5, move],
  echo: [10, echoes],
  worklist: [10, worklist],
  'performed procedure step': [5, performedStep],
  'storage commitment': [5, commitment],
  'work item': [5, workItem],
  film: [2, film],
  noise: [5, noise],
  'wrong AE title': [5, wrongName],
  'cut transfer': [5, cut],
  abort: [5, abort],
};
