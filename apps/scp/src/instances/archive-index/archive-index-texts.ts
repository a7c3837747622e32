// Further checks of the contract of indexes: texts that databases treat in different ways.

import assert from 'node:assert/strict';
import { matchesIdentifier, type UntypedDataSet } from '@x/dimse';
import type { Checks } from '@x/dimse/store-contracts';
import type { ArchiveIndex } from './archive-index.ts';
import { all, described, found } from './archive-index-samples.ts';

export const TEXTS: Checks<ArchiveIndex> = {
  async 'takes texts that a database may not have'(create) {
    const index = await create();
    const odd = { PatientID: 'nul\0id', PatientName: 'lone\ud800^name', AccessionNumber: 'x'.repeat(5000) };
    await index.add(...described('1/1.1/1.1.1', odd));
    await index.add(...described('2/2.1/2.1.1', { PatientID: 'y'.repeat(5000) }));
    for (const key of [
      { PatientID: odd.PatientID },
      { AccessionNumber: odd.AccessionNumber },
      { PatientName: 'LONE*' },
      { AccessionNumber: `${'x'.repeat(100)}*` },
    ])
      assert.deepEqual(await found(index, 'STUDY', key), ['1'], JSON.stringify(key).slice(0, 40));
    const [entity] = await all(index.find({ level: 'STUDY', identifier: { StudyInstanceUID: '1' } }));
    assert.deepEqual({ ...entity, ...odd }, entity);
  },
  async 'finds by texts that attribute matching finds'(create) {
    const index = await create();
    for (const [number, text] of DESCRIPTIONS.entries())
      await index.add(
        ...described(`1.${number}/1.${number}.1/1.${number}.1.1`, {
          ...{ PatientID: text.slice(0, 64), PatientName: text.slice(0, 64), AccessionNumber: text.slice(0, 16) },
          StudyDescription: text,
        }),
      );
    const studies = await all(index.find({ level: 'STUDY', identifier: {} }));
    const uidsOf = (entities: readonly UntypedDataSet[]) => entities.map((entity) => entity.StudyInstanceUID).sort();
    for (const key of KEYS)
      for (const keyword of ['PatientID', 'PatientName', 'AccessionNumber', 'StudyDescription']) {
        const identifier = { [keyword]: key };
        const matching = studies.filter((entity) => matchesIdentifier(entity, identifier));
        assert.deepEqual(
          await found(index, 'STUDY', identifier),
          uidsOf(matching),
          `${keyword} ${JSON.stringify(key)}`,
        );
      }
  },
};

const DESCRIPTIONS = [
  'CT of the chest',
  'ct OF THE CHEST',
  'MR of the knee',
  'knee "left" 50% back\\slash_1',
  'Sch\u00e4del CT',
  'M\u00dcLLER^Ute',
  'tab\there',
  '\u982d\u90e8',
  'nul\0here',
  'x'.repeat(3000),
  `${'long text '.repeat(300)}chest`,
  '',
];

const KEYS: readonly (string | readonly string[])[] = [
  '*chest*',
  'CT of the chest',
  'ct*',
  '*KNEE*',
  '*"left"*',
  '*50%*',
  '*back\\slash?1',
  '*k\\slash_*',
  'Sch?del*',
  '*\u00e4*',
  'm\u00fcller*',
  '*\u90e8',
  'tab\there',
  'nul*',
  '*?x',
  '*long text long*chest',
  '?',
  ['*knee*', '*chest'],
  ['*', 'nothing'],
];
