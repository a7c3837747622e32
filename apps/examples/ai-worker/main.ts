// An AI worker: it claims work items, retrieves their study, calls a function, stores a structured report, and completes them.

import { setTimeout as wait } from 'node:timers/promises';
import * as dimse from '@x/dimse';
import { type DataSet, DataSetInspector, decodeExtract, TransferSyntax, tagOf } from '@x/dimse/data-set';
import { UnifiedProcedureStepUser } from '@x/dimse/workflow';

const { HOST = '127.0.0.1', PORT = '11112', ARCHIVE = 'ARCHIVE', AE_TITLE = 'AI', RUNS = 'Infinity' } = process.env;
const peer = { host: HOST, port: Number(PORT), callingAeTitle: AE_TITLE, calledAeTitle: ARCHIVE };
const user = new UnifiedProcedureStepUser();
const sopClass = dimse.SopClass.BasicTextSRStorage;
const transferSyntax = TransferSyntax.ExplicitVRLittleEndian;
const PATIENT = ['SpecificCharacterSet', 'PatientID', 'PatientName', 'PatientBirthDate', 'PatientSex'];
const extracted = PATIENT.map((keyword) => tagOf(keyword) ?? 0);
const code = (value: string, meaning: string, scheme = '99AI') =>
  [{ CodeValue: value, CodeMeaning: meaning, CodingSchemeDesignator: scheme }] as const;
const now = () => new Date().toISOString().replace(/\D/g, '').slice(0, 14);

/** Your model: it gets the data sets of a study, one chunk at a time, and gives a finding. This one counts. */
async function analyze(study: string, patient: DataSet): Promise<string> {
  let [count, bytes] = [0, 0];
  const identifier = { QueryRetrieveLevel: 'STUDY', StudyInstanceUID: study };
  for await (const image of dimse.get({ ...peer, identifier })) {
    const inspector = new DataSetInspector(image.transferSyntax, { extracted });
    for await (const chunk of image.data) {
      await inspector.push(chunk);
      bytes += chunk.length;
    }
    Object.assign(patient, decodeExtract(inspector.extract, image.transferSyntax));
    count++;
  }
  if (count === 0) throw new Error(`the archive has no images of ${study}`);
  return `${count} images with ${bytes} bytes were read.`;
}

for (let run = 0; run < Number(RUNS); run++) {
  if (run > 0) await wait(5000);
  const session = await dimse.openSession({ ...peer, services: [dimse.unifiedProcedureStep] });
  try {
    const scheduled: string[] = [];
    for await (const { identifier } of user.find(session, { ProcedureStepState: 'SCHEDULED', WorklistLabel: 'AI' }))
      if (identifier?.SOPInstanceUID) scheduled.push(identifier.SOPInstanceUID);
    for (const item of scheduled.slice(0, 100)) await perform(session, item);
    console.log(`${scheduled.length} work items`);
  } finally {
    await session.release();
  }
}

async function perform(session: dimse.Session, item: string): Promise<void> {
  // Fails if another worker was faster.
  const transactionUid = await user.claim(session, item).catch(() => undefined);
  if (transactionUid === undefined) return;
  const begun = now();
  try {
    const { attributes } = await user.get(session, item);
    const patient: DataSet = {};
    const study = String(attributes?.StudyInstanceUID ?? '');
    const finding = await analyze(study, patient);
    const report = await store(study, patient, finding);
    const performed = {
      ...{ PerformedProcedureStepStartDateTime: begun, PerformedProcedureStepEndDateTime: now() },
      PerformedStationNameCodeSequence: code('AI', 'AI worker'),
      PerformedWorkitemCodeSequence: code('110005', 'Interpretation', 'DCM'),
      OutputInformationSequence: [report],
    };
    await user.set(session, item, { UnifiedProcedureStepPerformedProcedureSequence: [performed] }, { transactionUid });
    await user.changeState(session, item, 'COMPLETED', transactionUid);
    console.log(`completed ${item}: ${finding}`);
  } catch (error) {
    await user.changeState(session, item, 'CANCELED', transactionUid);
    console.log(`canceled ${item}: ${error}`);
  }
}

/** Stores the finding as a Basic Text SR document (PS3.3 §A.35.1), and gives the reference to it. */
async function store(study: string, patient: DataSet, finding: string) {
  const [sopInstance, series] = [dimse.makeUid(), dimse.makeUid()];
  const text = { RelationshipType: 'CONTAINS', ValueType: 'TEXT', TextValue: finding };
  const report = {
    ...{ PatientName: '', PatientID: '', PatientBirthDate: '', PatientSex: '', ...patient, Manufacturer: AE_TITLE },
    ...{ SOPClassUID: sopClass, SOPInstanceUID: sopInstance, StudyInstanceUID: study, SeriesInstanceUID: series },
    ...{ StudyDate: '', StudyTime: '', AccessionNumber: '', ReferringPhysicianName: '', StudyID: '' },
    ...{ Modality: 'SR', SeriesNumber: 900, InstanceNumber: 1, CompletionFlag: 'COMPLETE' },
    ...{ ContentDate: now().slice(0, 8), ContentTime: now().slice(8), VerificationFlag: 'UNVERIFIED' },
    ...{ PerformedProcedureCodeSequence: [], ReferencedPerformedProcedureStepSequence: [] },
    ...{ ValueType: 'CONTAINER', ContinuityOfContent: 'SEPARATE' },
    ConceptNameCodeSequence: code('126000', 'Imaging Measurement Report', 'DCM'),
    ContentSequence: [{ ...text, ConceptNameCodeSequence: code('121071', 'Finding', 'DCM') }],
  };
  const data = dimse.encodeDataSet(report, transferSyntax);
  const sent = dimse.storeInstances([{ sopClass, sopInstance, transferSyntax, data }], peer);
  for await (const { result, reason } of sent) if (result === 'failed') throw new Error(`not stored: ${reason}`);
  const reference = { ReferencedSOPClassUID: sopClass, ReferencedSOPInstanceUID: sopInstance };
  const place = { TypeOfInstances: 'DICOM', StudyInstanceUID: study, SeriesInstanceUID: series };
  return { ...place, ReferencedSOPSequence: [reference], DICOMRetrievalSequence: [{ RetrieveAETitle: ARCHIVE }] };
}
