// Sends an input that once kept dimse-scp busy for seconds. stretch INPUT PORT AET

import { deflateRawSync } from 'node:zlib';
import {
  createDataSetCodec,
  type DataSetInput,
  DimseError,
  encodeDataSet,
  impliedContexts,
  modalityPerformedProcedureStep,
  openSession,
  type Session,
  SopClass,
  storage,
  storageCommitment,
  studyRoot,
  TransferSyntax,
  verification,
} from '@x/dimse';

const [input, port, calledAeTitle] = process.argv.slice(2) as [string, string, string];
const IMPLICIT = TransferSyntax.ImplicitVRLittleEndian;
const DEFLATED = TransferSyntax.DeflatedExplicitVRLittleEndian;

const inputs: Record<string, () => Promise<void>> = {
  /** Nothing but the echoes of the other association. */
  idle: () => new Promise((resolve) => setTimeout(resolve, 1000)),
  /** A value of 60,000 characters in the index, for `wildcard`. */
  store: () =>
    withSession({}, async (session) => {
      const dataSet = {
        SOPClassUID: SopClass.CTImageStorage,
        SOPInstanceUID: '1.2.3',
        StudyInstanceUID: '1.2.1',
        SeriesInstanceUID: '1.2.2',
        PatientID: 'P',
        StudyDescription: 'a'.repeat(60_000),
      };
      await session.use(storage).store({
        sopClass: SopClass.CTImageStorage,
        sopInstance: '1.2.3',
        transferSyntax: IMPLICIT,
        data: encodeDataSet(dataSet, IMPLICIT),
      });
    }),
  wildcard: () =>
    withSession({}, (session) =>
      find(session, { QueryRetrieveLevel: 'STUDY', StudyDescription: `*${'a'.repeat(30_000)}b` }),
    ),
  elements: () => withSession({ raw: privateElements(500_000) }, (session) => find(session, {})),
  deflated: () =>
    withSession({ raw: deflateRawSync(emptyItems(64 * 1024 * 1024)), transferSyntax: DEFLATED }, (session) =>
      find(session, {}),
    ),
  commitment: () => commit(references(50_000)),
  references: () => commit(references(99_999)),
  'empty-references': () => commit(Array.from({ length: 999_000 }, () => ({}))),
  uids: () =>
    withSession({}, (session) =>
      find(session, {
        QueryRetrieveLevel: 'IMAGE',
        StudyInstanceUID: '1.2.1',
        SeriesInstanceUID: '1.2.2',
        // As many as an identifier of 1 MiB can have.
        SOPInstanceUID: Array.from({ length: 50_000 }, (_, index) => `1.2.840.99999.${index}`),
      }),
    ),
  mpps: () =>
    withSession({}, async (session) => {
      const step = session.use(modalityPerformedProcedureStep);
      const sopInstance = `2.25.${Date.now()}`;
      await step.create({ sopInstance, attributes: PERFORMED_STEP });
      const series = {
        SeriesInstanceUID: '1.2.2',
        PerformingPhysicianName: '',
        ProtocolName: 'P',
        OperatorsName: '',
        SeriesDescription: '',
        RetrieveAETitle: '',
        ReferencedImageSequence: references(20_000),
        ReferencedNonImageCompositeSOPInstanceSequence: [],
      };
      await step.set({ sopInstance, attributes: { PerformedSeriesSequence: [series] } });
    }),
};

const PERFORMED_STEP = {
  ScheduledStepAttributesSequence: [
    {
      StudyInstanceUID: '1.2.1',
      AccessionNumber: '',
      RequestedProcedureID: '',
      RequestedProcedureDescription: '',
      ScheduledProcedureStepID: '',
      ScheduledProcedureStepDescription: '',
      ScheduledProtocolCodeSequence: [],
      ReferencedStudySequence: [],
    },
  ],
  PatientName: '',
  PatientID: 'P',
  PatientBirthDate: '',
  PatientSex: '',
  ReferencedPatientSequence: [],
  PerformedProcedureStepID: '1',
  PerformedStationAETitle: 'BENCH',
  PerformedStationName: '',
  PerformedLocation: '',
  PerformedProcedureStepStartDate: '20260101',
  PerformedProcedureStepStartTime: '120000',
  PerformedProcedureStepEndDate: '',
  PerformedProcedureStepEndTime: '',
  PerformedProcedureStepStatus: 'IN PROGRESS',
  PerformedProcedureStepDescription: '',
  PerformedProcedureTypeDescription: '',
  ProcedureCodeSequence: [],
  Modality: 'CT',
  StudyID: '',
  PerformedProtocolCodeSequence: [],
  PerformedSeriesSequence: [],
};

await inputs[input]?.();

/** @param options.raw The bytes that are sent for each identifier. */
async function withSession(
  { raw, transferSyntax = IMPLICIT }: { readonly raw?: Uint8Array; readonly transferSyntax?: string },
  use: (session: Session) => Promise<void>,
): Promise<void> {
  const codec = createDataSetCodec();
  const services = [studyRoot, storage, storageCommitment, modalityPerformedProcedureStep, verification];
  const contexts = impliedContexts([studyRoot, storageCommitment, modalityPerformedProcedureStep, verification]).map(
    (context) => ({ ...context, transferSyntaxes: [transferSyntax] }),
  );
  const session = await openSession({
    host: '127.0.0.1',
    port: Number(port),
    callingAeTitle: 'BENCH-SCU',
    calledAeTitle,
    services,
    contexts: [...contexts, { abstractSyntax: SopClass.CTImageStorage, transferSyntaxes: [IMPLICIT] }],
    timeouts: { response: 300_000, release: 300_000 },
    ...(raw && { codec: { ...codec, encode: () => raw, encodeInTurns: () => raw } }),
  });
  try {
    await use(session);
  } catch (error) {
    // The archive rejects some inputs.
    if (!(error instanceof DimseError)) throw error;
    process.stderr.write(`${error.message}\n`);
  }
  await session.release();
}

function commit(instances: DataSetInput[]): Promise<void> {
  return withSession({}, async (session) => {
    const information = { TransactionUID: `2.25.${Date.now()}`, ReferencedSOPSequence: instances };
    await session.use(storageCommitment).action({ sopInstance: '1.2.840.10008.1.20.1.1', actionType: 1, information });
  });
}

async function find(session: Session, identifier: DataSetInput): Promise<void> {
  for await (const _ of session.use(studyRoot).find({ identifier }));
}

/** Empty private elements, in implicit VR. */
function privateElements(count: number): Uint8Array {
  const level = encodeDataSet({ QueryRetrieveLevel: 'STUDY' }, IMPLICIT);
  const elements = Buffer.alloc(8 * count);
  for (let index = 0; index < count; index++) {
    elements.writeUInt16LE(0x0011 + 2 * Math.floor(index / 0xe000), 8 * index);
    elements.writeUInt16LE(0x1000 + (index % 0xe000), 8 * index + 2);
  }
  return Buffer.concat([level, elements]);
}

/** A sequence of empty items, in explicit VR. */
function emptyItems(length: number): Uint8Array {
  const items = Buffer.alloc(length, Buffer.from('feff00e000000000', 'hex'));
  const header = Buffer.from('0800151153510000', 'hex');
  const size = Buffer.alloc(4);
  size.writeUInt32LE(length);
  return Buffer.concat([header, size, items]);
}

function references(count: number): DataSetInput[] {
  return Array.from({ length: count }, (_, index) => ({
    ReferencedSOPClassUID: SopClass.CTImageStorage,
    ReferencedSOPInstanceUID: `1.2.840.99999.1.${index}`,
  }));
}
