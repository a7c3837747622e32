// A study that a retrieval uses in one process is needed in all of them.

import { testPostgres } from '@x/testing/services';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type SharingProcess, type SharingProcesses, sharingProcesses } from '../../test/sharing-processes.ts';
import { sharedStudyUses } from './shared-study-uses.ts';
import { StudyNeeds } from './study-needs.ts';

const server = await testPostgres();
/** Milliseconds: short, because a test waits until it has passed. */
const LEASE = 1000;
const RETRIEVED = 'for a retrieval in progress';

describe.skipIf(server === undefined)('the studies that retrievals use', () => {
  let processes: SharingProcesses;
  beforeEach(() => {
    processes = sharingProcesses(server ?? '');
  });
  afterEach(async () => {
    await processes[Symbol.asyncDispose]();
  });

  function needsOf({ claims }: SharingProcess): StudyNeeds {
    const needs = new StudyNeeds();
    needs.shareUses(sharedStudyUses(claims));
    return needs;
  }

  test('are needed in all processes until the last retrieval has ended', async () => {
    const [here, there, third] = [await processes.start(), await processes.start(), await processes.start()].map(
      needsOf,
    );
    const uses = [here, here, there].map((needs) => needs?.beginUse());
    for (const use of uses) use?.add('1.2');
    const needed = () => Promise.all([here, there, third].flatMap((needs) => [needs?.of('1.2'), needs?.of('1.2.1')]));
    for (const use of uses) {
      await expect.poll(needed).toEqual([RETRIEVED, undefined, RETRIEVED, undefined, RETRIEVED, undefined]);
      use?.end();
    }
    await expect.poll(needed).toEqual(Array.from({ length: 6 }, () => undefined));
  });

  test('are those that are used when a retrieval begins while another one ends', async () => {
    const [here, there] = [await processes.start(), await processes.start()].map(needsOf);
    for (let round = 0; round < 10; round++) {
      const before = here?.beginUse();
      before?.add('1.2');
      before?.end();
      const use = here?.beginUse();
      use?.add('1.2');
      await expect.poll(() => there?.of('1.2')).toBe(RETRIEVED);
      use?.end();
    }
    await expect.poll(() => there?.of('1.2')).toBeUndefined();
  });

  test('are not needed any more some time after the process has gone that used them', async () => {
    const [gone, other] = [await processes.start({ lease: LEASE }), await processes.start({ lease: LEASE })];
    needsOf(gone).beginUse().add('1.2');
    await expect.poll(() => needsOf(other).of('1.2')).toBe(RETRIEVED);
    await gone.database[Symbol.asyncDispose]();
    await expect.poll(() => needsOf(other).of('1.2')).toBeUndefined();
  });
});
