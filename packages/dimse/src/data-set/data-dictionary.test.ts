import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { generate, generateTypes, readTable } from '../../scripts/generate-attributes.ts';
import {
  attributeByKeyword,
  attributeByTag,
  attributeKeywords,
  keywordOf,
  tagOf,
  valueRepresentationOf,
} from './data-dictionary.ts';
import { isValueRepresentation } from './value-representations.ts';

const lines = readTable();

test.each([
  ['attributes', generate],
  ['attribute-types', generateTypes],
])('the generated file of %s is up to date', (name, made) => {
  const file = fileURLToPath(new URL(`${name}.generated.ts`, import.meta.url));
  expect(readFileSync(file, 'utf8')).toBe(made(lines));
});

test('the dictionary has every attribute of the table', () => {
  expect(lines).toHaveLength(5274);
  for (const { tag: written, vr, vm, keyword, isRetired } of lines) {
    const first = written.startsWith('002804x') ? '1' : '0';
    const tag = Number.parseInt(written.replaceAll('x', first), 16);
    expect(attributeByTag(tag)).toEqual({ tag, vr, vm, keyword, isRetired });
    expect(keywordOf(tag)).toBe(keyword || undefined);
    if (keyword === '') continue;
    expect(attributeByKeyword(keyword)).toBe(attributeByTag(tag));
    expect([tagOf(keyword), valueRepresentationOf(keyword)]).toEqual([tag, vr]);
  }
  expect([...attributeKeywords()]).toHaveLength(lines.filter(({ keyword }) => keyword).length);
});

test('each attribute has value representations that the reader and the writer know', () => {
  for (const { vr } of lines)
    for (const one of vr.split(' or ')) expect([vr, isValueRepresentation(one)]).toEqual([vr, true]);
});

test.each([
  ['ComponentTypeCodeSequence', 0x00760034, 'SQ'],
  ['ReferencedSegmentationSequence', undefined, undefined],
  ['ViewOrientationModifierCodeSequence', undefined, 'SQ'],
  ['LongPrimitivePointIndexList', 0x00660040, 'OL'],
  ['undefined', undefined, undefined],
])('%s is as the standard has it', (keyword, tag, vr) => {
  const line = lines.find((each) => each.keyword === keyword);
  expect(valueRepresentationOf(keyword)).toBe(vr ?? line?.vr);
  expect(tagOf(keyword)).toBe(tag ?? (line && Number.parseInt(line.tag, 16)));
});

describe('a repeating group', () => {
  test.each([
    [0x60003000, 'OverlayData'],
    [0x60023000, 'OverlayData'],
    [0x601e3000, 'OverlayData'],
    [0x60203000, undefined],
    [0x60033000, undefined],
    [0x50100005, 'CurveDimensions'],
    [0x7f020010, 'VariablePixelData'],
    [0x00203112, 'SourceImageIDs'],
    [0x00280430, 'RowsForNthOrderCoefficients'],
    [0x00280431, 'ColumnsForNthOrderCoefficients'],
    [0x10001231, 'RunLengthTriplet'],
    [0x1010abcd, 'ZonalMap'],
  ])('%i is %s', (tag, keyword) => {
    expect(attributeByTag(tag)?.keyword).toBe(keyword);
  });

  test('gives its keyword to the tag of the first group only', () => {
    expect([keywordOf(0x60003000), keywordOf(0x60023000)]).toEqual(['OverlayData', undefined]);
  });
});

test('a private tag is not looked up in repeating groups', () => {
  expect(attributeByTag(0x00291010)).toBeUndefined();
  expect(attributeByTag(0x60013000)).toBeUndefined();
});
