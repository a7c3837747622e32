// A data set is edited as it passes, as a router or an anonymizing gateway does: pixel data are never in memory as a whole.

import { decodeDataSet, editDataSet, encodeDataSet, TransferSyntax, withPrivate } from '@x/dimse/data-set';

const transferSyntax = TransferSyntax.ExplicitVRLittleEndian;
const original = withPrivate(
  {
    SOPInstanceUID: '2.25.1',
    PatientName: 'Doe^Jane',
    PatientID: '42',
    PatientBirthDate: '19700101',
    RequestAttributesSequence: [{ ScheduledProcedureStepID: 'A' }, { ScheduledProcedureStepID: 'B' }],
    PixelData: new Uint8Array(1_000_000),
  },
  'MY DEVICE',
  0x0009,
  { 0x01: { vr: 'LO', value: 'private' } },
);
const bytes = encodeDataSet(original, transferSyntax);

/** The data set in chunks, as a file or an association gives it. */
function* chunks() {
  for (let at = 0; at < bytes.length; at += 65_536) yield bytes.subarray(at, at + 65_536);
}

const edited = editDataSet(
  chunks(),
  transferSyntax,
  [
    { at: 'PatientName', value: 'ANONYMOUS' },
    { at: 'PatientID', value: 'P1' },
    // Without a value, it is removed.
    { at: 'PatientBirthDate' },
    { at: 'RequestAttributesSequence[*].ScheduledProcedureStepID', value: '' },
    // It is added in the order of the tags.
    { at: 'PatientIdentityRemoved', value: 'YES' },
  ],
  // Private attributes, at any depth.
  { remove: ({ tag }) => (tag >>> 16) % 2 === 1 },
);
const parts = [];
for await (const part of edited) parts.push(part);
const { PixelData, ...attributes } = decodeDataSet(Buffer.concat(parts), transferSyntax);
console.log(JSON.stringify(attributes));
