// An anonymizing gateway: it keeps the attributes of a list, replaces UIDs and the Patient ID by keyed hashes, removes all others,
// and answers with the status of the destination. See the README for the part of PS3.15 Annex E that this covers.

import { createHmac, randomBytes } from 'node:crypto';
import { createReadStream, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createScp, DimseError, SopClass, Status, serve, storage, storeInstances, writeInstance } from '@x/dimse';
import { decodeExtract, editDataSet, FileWriter, openDicomFile, tagOf } from '@x/dimse/data-set';

const { KEY = randomBytes(32).toString('hex'), AE_TITLE = 'GATEWAY', HOST = '127.0.0.1', PORT = '11112' } = process.env;
const { TO_HOST = '127.0.0.1', TO_PORT = '104', TO_AE_TITLE = 'RESEARCH' } = process.env;
if (KEY.length < 16) throw new Error('KEY has fewer than 16 characters: names could be guessed from their hashes');
const destination = { host: TO_HOST, port: Number(TO_PORT), callingAeTitle: AE_TITLE, calledAeTitle: TO_AE_TITLE };
const spool = mkdtempSync(join(tmpdir(), 'gateway-'));

const hashOf = (text: string) => createHmac('sha256', KEY).update(text).digest('hex').slice(0, 32);
const uidFor = (uid: string) => `2.25.${BigInt(`0x${hashOf(uid)}`)}`;

/** The kinds of images whose pixels have no burned-in text, as a rule. Others are refused. */
const ACCEPTED: readonly string[] = [SopClass.CTImageStorage, SopClass.MRImageStorage];
const REPLACED = ['StudyInstanceUID', 'SeriesInstanceUID', 'SOPInstanceUID', 'FrameOfReferenceUID'] as const;
/** Attributes that stay, beside numbers and codes of group 0028 that describe the image, and Pixel Data. */
const KEPT = new Set(
  [
    ...['SpecificCharacterSet', 'SOPClassUID', 'Modality', 'SeriesNumber', 'InstanceNumber', 'SliceThickness'],
    ...['ImagePositionPatient', 'ImageOrientationPatient', 'SpacingBetweenSlices', 'PixelData', 'KVP'],
    ...['RepetitionTime', 'EchoTime', 'MagneticFieldStrength', 'FlipAngle', 'PatientPosition'],
  ].map((keyword) => tagOf(keyword)),
);
const NUMBERS = new Set(['US', 'SS', 'DS', 'IS', 'CS', 'OW', 'OB', 'AT']);
/** Attributes of type 2, which an image must have. */
const EMPTY = ['StudyDate', 'StudyTime', 'AccessionNumber', 'ReferringPhysicianName', 'PatientBirthDate', 'PatientSex']
  .concat(['StudyID', 'PositionReferenceIndicator', 'Manufacturer'])
  .map((at) => ({ at, value: '' }));

const scp = createScp({
  aeTitle: AE_TITLE,
  maximumAssociations: 4,
  services: [
    serve(storage, {
      async store({ sopClass, sopInstance, transferSyntax, data }, { signal }) {
        if (!ACCEPTED.includes(sopClass)) return Status.SopClassNotSupported;
        const writer = new FileWriter(join(spool, `${crypto.randomUUID()}.dcm`));
        try {
          const extracted = [...REPLACED, 'PatientID', 'BurnedInAnnotation'].map((keyword) => tagOf(keyword) ?? 0);
          const instance = { sopClass, sopInstance, transferSyntax };
          const { extract } = await writeInstance(writer, instance, data, { extracted });
          await writer.finish();
          const found = decodeExtract(extract, transferSyntax);
          if (found.BurnedInAnnotation === 'YES')
            throw new DimseError(Status.CannotUnderstand, { errorComment: 'the pixels have burned-in text' });
          const uids = REPLACED.filter((at) => found[at]).map((at) => ({ at, value: uidFor(String(found[at])) }));
          const patient = hashOf(String(found.PatientID ?? '')).slice(0, 16);
          const edits = [
            ...uids,
            ...EMPTY,
            { at: 'PatientID', value: patient },
            { at: 'PatientName', value: patient },
            { at: 'PatientIdentityRemoved', value: 'YES' },
            { at: 'DeidentificationMethod', value: 'list of kept attributes, keyed hashes' },
          ];
          const { dataSetOffset, path } = await closed(writer.path);
          const source = () => createReadStream(path, { start: dataSetOffset });
          const isRemoved = ({ tag, vr }: { tag: number; vr: string }) =>
            !KEPT.has(tag) && !(tag >>> 16 === 0x0028 && NUMBERS.has(vr));
          const anonymous = () => editDataSet(source(), transferSyntax, edits, { remove: isRemoved });
          const sent = { sopClass, sopInstance: uidFor(sopInstance), transferSyntax, data: anonymous };
          for await (const { result, reason } of storeInstances([sent], { ...destination, signal })) {
            console.log(`${result} ${sent.sopInstance} ${reason ?? ''}`.trim());
            if (result === 'failed') throw new DimseError(Status.OutOfResources, { errorComment: 'not delivered' });
          }
          return Status.Success;
        } finally {
          await writer.discard();
        }
      },
    }),
  ],
});
const { port } = await scp.listen({ host: HOST, port: Number(PORT) });
console.log(`listening on ${HOST}:${port} as ${AE_TITLE}, sending to ${TO_AE_TITLE}`);
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => scp.close({ drain: 10_000 }));

async function closed(path: string) {
  const file = await openDicomFile(path);
  await file.close();
  return file;
}
