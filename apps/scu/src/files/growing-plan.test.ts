// The plan of a transfer that begins before all files are known.

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { UsageError } from '@x/cli/program';
import { TransferSyntax } from '@x/dimse';
import { encodeFileMetaInformation } from '@x/dimse/data-set';
import { CT_IMAGE_STORAGE, syntheticDataSet } from '@x/testing/data-sets';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { GrowingPlan } from './growing-plan.ts';
import { planStore } from './store-plan.ts';

let root: string;
const { signal } = new AbortController();

beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'dimse-scu-plan-'));
  for (let number = 1; number <= 7; number++) {
    const sopInstance = `1.2.${number}`;
    const transferSyntax = TransferSyntax.ExplicitVRLittleEndian;
    const meta = encodeFileMetaInformation({ sopClass: CT_IMAGE_STORAGE, sopInstance, transferSyntax });
    const dataSet = syntheticDataSet({ sopClass: CT_IMAGE_STORAGE, sopInstance, pixelLength: 100 });
    // The third and the sixth one are cut short.
    const end = number % 3 === 0 ? -10 : undefined;
    writeFileSync(join(root, `${number}.dcm`), Buffer.concat([meta, dataSet]).subarray(0, end));
  }
  writeFileSync(join(root, 'notes.txt'), 'notes');
  mkdirSync(join(root, 'empty'));
});
afterAll(() => rmSync(root, { recursive: true }));

test.each([1, 2, 4, 100])('has the files of the whole plan, whether %d are planned first or all', async (first) => {
  const whole = await planStore([root], signal);
  for (const times of [1, 3]) {
    const plan = await GrowingPlan.begin([root], signal, first);
    expect(plan.known.length).toBe(Math.min(first, whole.instances.length));
    const unsendable = [...plan.unsendable];
    const found = [...plan.known];
    const sent = [];
    for await (const instance of plan.instances(times, (planned) => {
      if ('result' in planned) unsendable.push(planned);
      else found.push(planned);
    }))
      sent.push(instance);
    expect(sent).toEqual(Array.from({ length: times }, () => whole.instances).flat());
    expect(found).toEqual(whole.instances);
    expect(unsendable).toEqual(whole.unsendable);
  }
});

test('fails before anything is sent if there is nothing to send', async () => {
  await expect(GrowingPlan.begin([join(root, 'empty')], signal)).rejects.toThrow(UsageError);
  await expect(GrowingPlan.begin([join(root, 'notes.txt')], signal)).rejects.toThrow('is not a DICOM file');
});

test('ends at the next file when it is interrupted', async () => {
  const interruption = new AbortController();
  const plan = await GrowingPlan.begin([root], interruption.signal, 1);
  interruption.abort(new Error('interrupted'));
  const read = async () => {
    for await (const _ of plan.instances(1, () => {}));
  };
  await expect(read()).rejects.toThrow('interrupted');
});
