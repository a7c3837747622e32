import type { UntypedDataSet } from '@x/dimse';
import { describe, expect, test } from 'vitest';
import { parseFileNameTemplate } from './file-name-template.ts';

const KEY = { study: '1.2', series: '1.2.1', sopInstance: '1.2.3' };
const named = (template: string, attributes: UntypedDataSet = {}) =>
  parseFileNameTemplate(template).nameOf(KEY, attributes);

describe('a template', () => {
  test.each([
    ['{PatientID}/{StudyDate}/{Modality}/{SOPInstanceUID}.dcm', '42/20260101/CT/1.2.3.dcm'],
    ['{PatientName}/{SOPInstanceUID}', 'DOE_JOHN/1.2.3.dcm'],
    ['{StudyInstanceUID}/CT-{InstanceNumber}.dcm', '1.2/CT-7-1.2.3.dcm'],
    ['x/.dcm', 'x/1.2.3.dcm'],
    ['{ImageType}_{SOPInstanceUID}_a.dcm', 'ORIGINAL-PRIMARY_1.2.3_a.dcm'],
  ])('%s gives %s', (template, name) => {
    const attributes = {
      ...{ PatientID: '42', PatientName: 'DOE^JOHN', StudyDate: '20260101', Modality: 'CT' },
      ...{ InstanceNumber: 7, ImageType: ['ORIGINAL', 'PRIMARY'] },
    };
    expect(named(template, attributes)).toBe(name);
  });

  test.each([
    ['', 'position 1: is empty'],
    ['a//b', 'position 3: a part is empty: leave out the slash'],
    ['/{PatientID}', 'position 1: a part is empty'],
    ['a/../{PatientID}', "position 3: '..' leads to another folder"],
    ['a/{PatientId}.dcm', "position 4: 'PatientId' is not an indexed attribute with a text; did you mean 'PatientID'?"],
    ['{PixelData}', 'position 2: '],
    ['{ProcedureCodeSequence}', 'position 2: '],
    ['{PatientID', 'position 1: a brace has no counterpart: write {Keyword}'],
    ['PatientID}', 'position 10: a brace has no counterpart'],
    ['a b', "position 2: ' ' is not allowed: use letters"],
    ['a\\b', 'is not allowed'],
    ['{PatientID}{PatientName}{StudyID}{SOPInstanceUID}', 'a part may have 260 characters, more than 254'],
    [`${'{PatientID}/'.repeat(12)}x`, 'has 13 parts between slashes: use at most 12'],
    [`${`${'x'.repeat(200)}/`.repeat(6)}x`, 'a name may have 1277 characters, more than 1024'],
  ])('%j is refused with its position and a remedy', (template, message) => {
    expect(() => parseFileNameTemplate(template)).toThrow(message);
  });
});

describe('a hostile value', () => {
  test.each(['..', '.', '../../etc/passwd', '/etc/passwd', '..\\x', '\u2024\u2024'])(
    '%j stays in its folder',
    (value) => {
      const [folder = '', ...others] = named('{PatientID}/{SOPInstanceUID}', { PatientID: value }).split('/');
      expect(others).toEqual(['1.2.3.dcm']);
      expect(folder).toMatch(/^_[A-Za-z0-9._-]*$/);
    },
  );

  test.each([
    ['a/b', 'a_b'],
    ['a\\b', 'a_b'],
    ['C:\\x', 'C__x'],
    ['a\0b', 'a_b'],
    ['a\nb\u202Eb', 'a_b_b'],
    ['.bashrc', '_bashrc'],
    ['x...', 'x___'],
    ['~root', '_root'],
    ['-rf', '-rf'],
    ['CON', '_CON'],
    ['nul.txt', '_nul.txt'],
    ['Lpt1', '_Lpt1'],
    ['COM\u00b9', '_COM1'],
    ['Müller^Jörg', 'Muller_Jorg'],
    ['山田^太郎', '_____'],
    ['\u{1f600}', '__'],
    ['', 'unknown'],
    ['   ', 'unknown'],
    ['\u0301', 'unknown'],
    ['x'.repeat(100), 'x'.repeat(64)],
    ['\ufdfa'.repeat(100), undefined],
  ])('%j becomes a name for every file system', (value, folder) => {
    const [found = ''] = named('{PatientComments}/{SOPInstanceUID}', { PatientComments: value }).split('/');
    if (folder !== undefined) expect(found).toBe(folder);
    expect(found).toMatch(/^[A-Za-z0-9_-][A-Za-z0-9._-]{0,63}$/);
  });

  test('that is absent, or is of an unexpected kind, has a stand-in', () => {
    for (const value of [undefined, null, [], {}, [{}], new Uint8Array(3)])
      expect(named('{PatientID}/x', { PatientID: value }).split('/')[0]).toBe('unknown');
  });
});
