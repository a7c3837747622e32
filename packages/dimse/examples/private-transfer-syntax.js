// A private transfer syntax: instances are passed through unchanged, and a private codec encodes data sets, here as the
// DICOM JSON model.

import {
  combineDataSetCodecs,
  createScp,
  DataSetError,
  openSession,
  SopClass,
  Status,
  serve,
  standardDataSetCodec,
  storage,
  studyRoot,
} from '@x/dimse';
import { fromDicomJson, toDicomJson } from '@x/dimse/data-set';

const PRIVATE = '2.25.104759';

/** @type {import('@x/dimse').DataSetCodec} */
const jsonCodec = {
  transferSyntaxes: [PRIVATE],
  encode: (dataSet) => Buffer.from(JSON.stringify(toDicomJson(dataSet))),
  decode(bytes) {
    try {
      return fromDicomJson(JSON.parse(Buffer.from(bytes).toString()));
    } catch (cause) {
      throw cause instanceof DataSetError ? cause : new DataSetError('is not JSON', { cause });
    }
  },
};

const codec = combineDataSetCodecs(jsonCodec, standardDataSetCodec);
const scp = createScp({
  aeTitle: 'ARCHIVE',
  codec,
  services: [
    // Streamed data are accepted in any transfer syntax, because they are not decoded.
    serve(storage, {
      async store({ transferSyntax, data }) {
        const chunks = [];
        for await (const chunk of data) chunks.push(Uint8Array.from(chunk));
        console.log(`received in ${transferSyntax}: ${Buffer.concat(chunks)}`);
        return Status.Success;
      },
    }),
    serve(studyRoot, {
      async *rawFind({ identifier, transferSyntax }) {
        console.log(`asked in ${transferSyntax} for patient ${identifier.PatientID}`);
        yield { identifier: { ...identifier, PatientName: 'Yamada^Tarou=山田^太郎' } };
      },
    }),
  ],
});
const { port } = await scp.listen({ host: '127.0.0.1', port: 0 });
const session = await openSession({
  host: '127.0.0.1',
  port,
  callingAeTitle: 'READER',
  calledAeTitle: 'ARCHIVE',
  codec,
  services: [storage, studyRoot],
  contexts: [
    { abstractSyntax: SopClass.CTImageStorage, transferSyntaxes: [PRIVATE] },
    { abstractSyntax: SopClass.StudyRootQueryRetrieveInformationModelFind, transferSyntaxes: [PRIVATE] },
  ],
});
try {
  await session.use(storage).store({
    sopClass: SopClass.CTImageStorage,
    sopInstance: '2.25.1',
    transferSyntax: PRIVATE,
    data: Buffer.from('as it is'),
  });
  const found = session
    .use(studyRoot)
    .find({ identifier: { QueryRetrieveLevel: 'STUDY', PatientID: '42', PatientName: '' } });
  for await (const { identifier } of found) console.log(`found ${JSON.stringify(identifier?.PatientName)}`);
} finally {
  await session.release();
  await scp.close();
}
