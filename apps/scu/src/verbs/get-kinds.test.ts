// dimse-scu get: the SOP classes and transfer syntaxes that it proposes, and whose limit it names.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runProgram } from '@x/cli/program';
import { createScp, performGet, type Scp, SopClass, serve, storage, studyRoot, TransferSyntax } from '@x/dimse';
import { syntheticDataSet } from '@x/testing/data-sets';
import { jsonLines, runInProcess } from '@x/testing/run-in-process';
import { afterAll, afterEach, expect, test } from 'vitest';
import { createScuProgram } from '../program.ts';

const scu = (args: readonly string[]) => runInProcess((context) => runProgram(createScuProgram(), context), args);
const folder = mkdtempSync(join(tmpdir(), 'dimse-scu-get-'));
afterAll(() => rmSync(folder, { recursive: true }));
let scp: Scp | undefined;
afterEach(() => scp?.close());
let out = 0;

const PRIVATE = '1.2.840.113619.4.26';
const KINDS = [
  [SopClass.CTImageStorage, TransferSyntax.ExplicitVRLittleEndian],
  [SopClass.CTImageStorage, TransferSyntax.JPEGXL],
  [SopClass.UltrasoundImageStorageRetired, TransferSyntax.ExplicitVRLittleEndian],
  [PRIVATE, TransferSyntax.ExplicitVRLittleEndian],
] as const;

/** Starts a peer with an instance of each kind, which it tells by C-FIND or not. */
async function start(canFind: boolean) {
  const instances = KINDS.map(([sopClass, transferSyntax], index) => {
    const sopInstance = `1.2.3.${index}`;
    const data = () => syntheticDataSet({ sopClass, sopInstance, study: '1.2', series: '1.2.1', pixelLength: 100 });
    return { sopClass, transferSyntax, sopInstance, data };
  });
  scp = createScp({
    aeTitle: 'SCP',
    calls: [storage],
    services: [
      serve(storage, { store: () => 0 }, { otherSopClasses: () => true }),
      serve(studyRoot, {
        ...(canFind && {
          async *rawFind({ identifier }: { readonly identifier: Readonly<Record<string, unknown>> }) {
            if (identifier.QueryRetrieveLevel === 'SERIES') yield { identifier: { SeriesInstanceUID: '1.2.1' } };
            else
              for (const { sopClass, transferSyntax, sopInstance } of instances)
                yield {
                  identifier: {
                    SOPInstanceUID: sopInstance,
                    SOPClassUID: sopClass,
                    AvailableTransferSyntaxUID: transferSyntax,
                  },
                };
          },
        }),
        get: (_: unknown, context: Parameters<typeof performGet>[1]) => performGet(instances, context),
      } as never),
    ],
  });
  const { port } = await scp.listen({ port: 0, host: '127.0.0.1' });
  return (...options: string[]) =>
    scu([
      ...['get', `SCP@127.0.0.1:${port}`, '--key', 'StudyInstanceUID=1.2'],
      ...['--out', join(folder, String(out++)), '--json', ...options],
    ]);
}

const failuresOf = (stdout: string) => jsonLines(stdout).filter(({ result }) => result === 'failed');
const receivedOf = (stdout: string) => jsonLines(stdout).filter(({ result }) => result === 'received').length;

test('gets private and retired SOP classes and every transfer syntax, if the peer tells them', async () => {
  const get = await start(true);
  const { exitCode, stdout, stderr } = await get();
  expect([exitCode, stderr, receivedOf(stdout)]).toEqual([0, '', 4]);
});

test('names our limit if options leave out what the peer has, and how to raise it', async () => {
  const get = await start(true);
  const { exitCode, stdout, stderr } = await get('--only-transfer-syntax', 'Explicit VR Little Endian');
  expect([exitCode, receivedOf(stdout)]).toEqual([1, 3]);
  expect(failuresOf(stdout)).toEqual([
    {
      result: 'failed',
      sopInstance: '1.2.3.1',
      by: 'requestor',
      reason: 'we did not propose CT Image Storage in JPEG XL',
    },
  ]);
  expect(stderr).toContain('failed   1.2.3.1: we did not propose CT Image Storage in JPEG XL');
  expect(stderr).toContain('propose more with --sop-class and --transfer-syntax');
});

test('--sop-class and --transfer-syntax add to what is proposed to a peer that does not tell', async () => {
  const get = await start(false);
  const without = await get();
  expect([without.exitCode, receivedOf(without.stdout)]).toEqual([1, 3]);
  const all = await get('--sop-class', PRIVATE);
  expect([all.exitCode, receivedOf(all.stdout)]).toEqual([0, 4]);
  const only = await get('--only-sop-class', 'CTImageStorage', '--sop-class', PRIVATE);
  expect([only.exitCode, receivedOf(only.stdout)]).toEqual([1, 3]);
  const syntaxes = ['--only-transfer-syntax', 'JPEGXL', '--transfer-syntax', 'explicitvrlittleendian'];
  const both = await get('--only-sop-class', 'CT Image Storage', ...syntaxes);
  expect([both.exitCode, receivedOf(both.stdout)]).toEqual([1, 2]);
});

test('--associations is a limit that is named', async () => {
  const get = await start(false);
  const { exitCode, stderr } = await get('--associations', '1');
  expect(exitCode).toBe(1);
  expect(stderr).toMatch(/\d+ presentation contexts were not proposed: our limit of associations; use --associations/);
});

test.each([
  ['--sop-class', 'CTImageStorag', "did you mean 'CTImageStorage'?"],
  ['--only-transfer-syntax', 'JPEG-XYZ', 'neither a UID nor the name of a transfer syntax'],
  ['--associations', '0', 'from 1 to 1024'],
])('rejects %s %s', async (option, value, words) => {
  const { exitCode, stderr } = await scu(['get', 'A@127.0.0.1:1', '-k', 'PatientID', '--out', folder, option, value]);
  expect([exitCode, stderr]).toEqual([2, expect.stringContaining(words)]);
});
