import { normalize } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { DEFAULT_PATH_TEMPLATE, parsePathTemplate } from './path-template.ts';

const UIDS = { StudyInstanceUID: '1.2', SeriesInstanceUID: '1.3', SOPInstanceUID: '1.4' };

test.each([
  [DEFAULT_PATH_TEMPLATE, UIDS, '1.2/1.3/1.4.dcm'],
  [DEFAULT_PATH_TEMPLATE, { SOPInstanceUID: '1.4' }, 'unknown/unknown/1.4.dcm'],
  [
    '{PatientName}/{Modality}-{SOPInstanceUID}',
    { ...UIDS, PatientName: { Alphabetic: 'Müller^Änne' }, Modality: 'CT' },
    'Müller^Änne/CT-1.4',
  ],
  ['{PatientID}/{SOPInstanceUID}', { ...UIDS, PatientID: '../../etc' }, '__.._etc/1.4'],
  ['{PatientID}/{SOPInstanceUID}', { ...UIDS, PatientID: '..' }, '_/1.4'],
  ['{PatientID}/{SOPInstanceUID}', { ...UIDS, PatientID: '/root' }, '_root/1.4'],
  ['{PatientID}/{SOPInstanceUID}', { ...UIDS, PatientID: 'CON' }, '_CON/1.4'],
  ['{PatientID}/{SOPInstanceUID}', { ...UIDS, PatientID: 'a\0b\nc' }, 'a_b_c/1.4'],
  ['{ImageType}/{SOPInstanceUID}', { ...UIDS, ImageType: ['ORIGINAL', 'PRIMARY'] }, 'ORIGINAL/1.4'],
])('%s of %o', (template, attributes, path) => expect(parsePathTemplate(template).path(attributes)).toBe(path));

test('keeps long names different', () => {
  const template = parsePathTemplate('{PatientID}-{SOPInstanceUID}');
  const path = (uid: string) => template.path({ PatientID: 'x'.repeat(500), SOPInstanceUID: uid });
  expect(path('1.4')).not.toBe(path('1.5'));
  expect(Buffer.byteLength(path('1.4'))).toBeLessThanOrEqual(240);
});

test('stays inside the folder for all values', () => {
  const template = parsePathTemplate('{PatientID}/{PatientName}/{SOPInstanceUID}');
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), fc.string({ unit: 'binary' }), (PatientID, Alphabetic) => {
      const path = template.path({ PatientID, PatientName: { Alphabetic }, SOPInstanceUID: '1.4' });
      expect(normalize(path)).toBe(path);
      expect(path.split('/')).toHaveLength(3);
      for (const name of path.split('/')) expect(name).not.toMatch(/^\.*$|[\0\\]/);
    }),
  );
});

describe('rejects templates that could leave the folder, or give two instances the same path', () => {
  test.each([
    ['{StudyInstanceUID}.dcm', 'SOPInstanceUID'],
    ['/{SOPInstanceUID}', 'is not a relative path'],
    ['../{SOPInstanceUID}', 'is not a relative path'],
    ['a//{SOPInstanceUID}', 'is not a relative path'],
    ['{SOPInstanceUID}/', 'is not a relative path'],
    ['{Nothing}/{SOPInstanceUID}', 'Nothing'],
    ['{ReferencedStudySequence}/{SOPInstanceUID}', 'ReferencedStudySequence'],
  ])('%s', (template, why) => expect(() => parsePathTemplate(template)).toThrow(why));
});
