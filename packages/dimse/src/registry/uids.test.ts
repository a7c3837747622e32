import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { generate } from '../../scripts/generate-uids.ts';
import { storage, storageContexts } from '../services/storage.ts';
import { sopClassOf } from '../session/service-lookup.ts';
import { isUid, uidName } from './uids.ts';

const reference = '../shared/reference';
test.runIf(existsSync(reference))('the generated tables equal those of the reference', () => {
  expect(readFileSync(fileURLToPath(new URL('./uids.generated.ts', import.meta.url)), 'utf8')).toBe(
    generate(reference),
  );
});

test.runIf(existsSync(reference))('every storage SOP class of the standard can be stored', () => {
  const { Storage } = JSON.parse(readFileSync(`${reference}/sop-classes-by-service.json`, 'utf8')) as {
    Storage: { uid: string }[];
  };
  for (const { uid } of Storage) expect(sopClassOf({ serviceClass: storage }, uid)?.operations).toEqual(['store']);
  expect(sopClassOf({ serviceClass: storage }, '1.2.3')).toBeUndefined();
  expect(sopClassOf({ serviceClass: storage, otherSopClasses: (uid) => uid === '1.2.3' }, '1.2.3')?.operations).toEqual(
    ['store'],
  );
});

test.each(['1.2.840.10008.1.1', '2.25.0', '1.02', '1'.repeat(64)])('%s is a UID', (text) => {
  expect(isUid(text)).toBe(true);
});

test.each([
  '',
  '.',
  '..',
  '1..2',
  '.1',
  '1.',
  '../1.2',
  '1.2/3',
  '1.2\0',
  '1.2\n',
  '1.2 ',
  'CON',
  '1'.repeat(65),
  '１.２',
])('%j is not a UID', (text) => expect(isUid(text)).toBe(false));

test('gives the name of a UID, or the UID itself', () => {
  expect(uidName('1.2.840.10008.5.1.4.1.1.2')).toBe('CT Image Storage');
  expect(uidName('1.2.840.10008.1.2')).toBe('Implicit VR Little Endian');
  expect(uidName('1.2.3')).toBe('1.2.3');
});

test('proposes one context for each kind of instance, in groups that fit an association', () => {
  const instances = Array.from({ length: 300 }, (_, index) => ({
    sopClass: `1.2.${index % 150}`,
    transferSyntax: '1.9',
  }));
  const groups = storageContexts(instances);
  expect(groups.map(({ length }) => length)).toEqual([128, 22]);
  expect(groups[0]?.[0]).toEqual({ abstractSyntax: '1.2.0', transferSyntaxes: ['1.9'] });
  // Uncompressed instances have a second context, of Implicit VR Little Endian, on the same association.
  const uncompressed = instances.map(({ sopClass }) => ({ sopClass, transferSyntax: '1.2.840.10008.1.2.1' }));
  const further = storageContexts(uncompressed);
  expect(further.map(({ length }) => length)).toEqual([128, 128, 44]);
  for (const group of further)
    for (const { abstractSyntax } of group)
      expect(
        group
          .filter((context) => context.abstractSyntax === abstractSyntax)
          .flatMap(({ transferSyntaxes }) => transferSyntaxes),
      ).toEqual(['1.2.840.10008.1.2.1', '1.2.840.10008.1.2']);
});
