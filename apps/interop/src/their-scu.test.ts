// DCMTK's echoscu, storescu and dcmsend with our SCP.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { computedTomographySeries, type Slice } from '@x/testing/computed-tomography-phantom';
import { isInstalled, type Listening, run, startScp } from '@x/testing/processes';
import { NO_INSTANCE, sharedFiles, sharedFolder } from '@x/testing/shared-files';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { dataSetOf, filesIn } from './stored-files.ts';

const hasDcmtk = ['echoscu', 'storescu', 'dcmsend'].every(isInstalled);
let folder: string;
let scp: Listening;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'their-scu-'));
  if (hasDcmtk) scp = await startScp(['--data', join(folder, 'archive'), '--aet', 'ARCHIVE', '-v']);
});
afterAll(async () => {
  await scp?.stop();
  rmSync(folder, { recursive: true });
});

const at = () => ['127.0.0.1', `${scp.port}`];

describe.runIf(hasDcmtk)('our SCP', () => {
  test('answers C-ECHO', async () => {
    expect(await run('echoscu', ['-aec', 'ARCHIVE', '--repeat', '10', ...at()])).toMatchObject({ exitCode: 0 });
    expect(
      await run('echoscu', ['-aec', 'ARCHIVE', '--propose-ts', '3', '--propose-pc', '128', ...at()]),
    ).toMatchObject({ exitCode: 0 });
  });

  test('rejects an association with another called AE title', async () => {
    const { exitCode, stderr, stdout } = await run('echoscu', ['-aec', 'OTHER', ...at()]);
    expect(exitCode).not.toBe(0);
    expect(stderr + stdout).toContain('Called AE Title Not Recognized');
  });

  test('ends the association of a peer that aborts', async () => {
    expect(await run('echoscu', ['-aec', 'ARCHIVE', '--abort', ...at()])).toMatchObject({ exitCode: 0 });
    await expect.poll(() => scp.output()).toContain('aborted the association');
  });

  test.each(['--max-send-pdu=4096', '--max-pdu=16384', '--max-pdu=131072'])(
    'takes PDUs as they come (%s)',
    async (option) => {
      const [ct] = sharedFiles(/CT_small/);
      if (!ct) return;
      expect(await run('storescu', ['-aec', 'ARCHIVE', ...option.split('='), ...at(), ct])).toMatchObject({
        exitCode: 0,
      });
    },
  );

  test('stores the instances of storescu byte for byte', async () => {
    const [slice] = [...computedTomographySeries({ slices: 1, size: 256 })] as [Slice];
    const path = join(folder, 'slice.dcm');
    writeFileSync(path, slice.bytes);
    expect(await run('storescu', ['-aec', 'ARCHIVE', ...at(), path])).toMatchObject({ exitCode: 0 });
    const stored = filesIn(join(folder, 'archive', 'instances')).find((each) => each.includes(slice.sopInstanceUid));
    expect((await dataSetOf(stored as string)).equals(await dataSetOf(path))).toBe(true);
  });

  test.runIf(sharedFolder)('stores the instances of storescu in any transfer syntax', async () => {
    const archive = join(folder, 'kept');
    const transferSyntaxes: [string, RegExp][] = [
      ['-xe', /CT_small|sample-sr|waveform|pdf|liver|SC_rgb_small_odd/],
      ['-xi', /cine-test/],
      ['-xb', /ExplicitVRBigEndian/],
      ['-xs', /sample-op|SC_rgb_jpeg_gdcm/],
      ['-xy', /SC_rgb_jpeg_dcmtk/],
      ['-xr', /MR_small_RLE/],
      ['-xd', /image_dfl/],
    ];
    const own = await startScp(['--data', archive, '--aet', 'KEEP']);
    try {
      for (const [option, names] of transferSyntaxes) {
        const files = sharedFiles(names);
        const outcome = await run('storescu', ['-aec', 'KEEP', '-R', option, '127.0.0.1', `${own.port}`, ...files]);
        const errors = outcome.stderr.split('\n').filter((line) => /^[EF]:/.test(line));
        expect([option, outcome.exitCode, errors]).toEqual([option, 0, []]);
      }
      expect(filesIn(join(archive, 'instances'))).toHaveLength(
        transferSyntaxes.flatMap(([, names]) => sharedFiles(names)).length,
      );
    } finally {
      await own.stop();
    }
  });

  test.runIf(sharedFolder)('stores every instance of dcmsend exactly once', async () => {
    // DCMTK does not send files without a SOP class in their data set, or with a UID it considers invalid.
    const files = sharedFiles().filter(
      (path) => !NO_INSTANCE.test(path) && !/priv_SQ|UN_sequence|no_meta_group_length|rtplan/.test(path),
    );
    const outcome = await run('dcmsend', ['-aec', 'ARCHIVE', ...at(), ...files]);
    expect([outcome.exitCode, outcome.stderr.split('\n').filter((line) => /^[EF]:/.test(line))]).toEqual([0, []]);
    expect(await run('dcmsend', ['-aec', 'ARCHIVE', ...at(), ...files])).toMatchObject({ exitCode: 0 });
    const kept = new Set(filesIn(join(folder, 'archive', 'instances')).map((path) => basename(path)));
    expect(kept.size).toBe(filesIn(join(folder, 'archive', 'instances')).length);
    expect(filesIn(join(folder, 'archive', 'incoming'))).toEqual([]);
  });
});
