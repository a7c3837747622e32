// dimse-scu store --decompress: the files are sent in a transfer syntax that the peer takes.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runProgram } from '@x/cli/program';
import { createScp, serve, storage, TransferSyntax } from '@x/dimse';
import { encodeFileMetaInformation, locateFileMetaInformation } from '@x/dimse/data-set';
import { transcode } from '@x/dimse/transcode';
import { computedTomographySeries, type Slice } from '@x/testing/computed-tomography-phantom';
import { startScu } from '@x/testing/processes';
import { runInProcess } from '@x/testing/run-in-process';
import { afterAll, expect, test } from 'vitest';
import { createScuProgram } from '../program.ts';

const scu = (args: readonly string[]) => runInProcess((context) => runProgram(createScuProgram(), context), args);
/** Without the path on which a test runner of a workspace finds every package. */
const built = (args: readonly string[]) => startScu(args, { env: { NODE_PATH: '' } }).outcome;
const { ExplicitVRLittleEndian, JPEGLSLossless, RLELossless } = TransferSyntax;
const folder = mkdtempSync(join(tmpdir(), 'store-decompress-'));
afterAll(() => rmSync(folder, { recursive: true }));

test.each([
  { from: 'of the library itself', compressed: RLELossless, command: scu },
  // The build contains the library, but a codec is installed beside the package of the library.
  { from: 'that its build finds', compressed: JPEGLSLossless, command: built },
])(
  'decompresses by a codec $from for a peer that takes no compressed instances, and says so',
  async ({ compressed, command }) => {
    const [{ bytes }] = [...computedTomographySeries({ slices: 1, size: 16 })] as [Slice];
    const { meta, end } = locateFileMetaInformation(bytes) ?? { meta: {}, end: 0 };
    const parts: Uint8Array[] = [];
    for await (const part of transcode([bytes.subarray(end)], { from: ExplicitVRLittleEndian, to: compressed }))
      parts.push(part);
    const path = join(folder, 'compressed.dcm');
    writeFileSync(path, Buffer.concat([encodeFileMetaInformation({ ...meta, transferSyntax: compressed }), ...parts]));

    const received: string[] = [];
    const store = async ({ transferSyntax }: { readonly transferSyntax: string }) => {
      received.push(transferSyntax);
      return 0;
    };
    const transferSyntaxes = [ExplicitVRLittleEndian];
    const scp = createScp({ aeTitle: 'SCP', services: [serve(storage, { store }, { transferSyntaxes })] });
    try {
      const { port } = await scp.listen({ port: 0, host: '127.0.0.1' });
      const address = `SCP@127.0.0.1:${port}`;
      expect(await command(['store', address, path])).toMatchObject({ exitCode: 1 });
      const { exitCode, stdout } = await command(['store', address, path, '--decompress']);
      expect(stdout).toMatch(/^sent {4}\S+compressed\.dcm \(decompressed: Explicit VR Little Endian\)$/m);
      expect([exitCode, received]).toEqual([0, [ExplicitVRLittleEndian]]);
    } finally {
      await scp.close();
    }
  },
);
