// dimse-scp forwards to Orthanc and to DCMTK's storescp: as it is, decompressed, in another transfer syntax, and edited.

import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { decodeDataSet, TransferSyntax, type UntypedDataSet } from '@x/dimse';
import { locateFileMetaInformation } from '@x/dimse/data-set';
import { isInstalled, type RunningScp, runScu, startPeer, startScp } from '@x/testing/processes';
import { sharedFiles } from '@x/testing/shared-files';
import { afterAll, expect, test } from 'vitest';
import { type RunningOrthanc, startOrthanc } from './orthanc.ts';
import { filesIn } from './stored-files.ts';

const folder = mkdtempSync(join(tmpdir(), 'forwarding-peers-'));
const subfolder = (name: string) => {
  const path = join(folder, name);
  mkdirSync(path);
  return path;
};
const started: { stop(): Promise<unknown> }[] = [];
afterAll(async () => {
  for (const each of started) await each.stop();
  rmSync(folder, { recursive: true });
});

const files = sharedFiles(/pydicom--(CT_small|MR_small_RLE|JPEG-lossy)\.dcm$/);

/** Pixel Data (7FE0,0010) of VR OB with undefined length. */
const ENCAPSULATED = Buffer.from([0xe0, 0x7f, 0x10, 0x00, 0x4f, 0x42, 0, 0, 0xff, 0xff, 0xff, 0xff]);

interface Read {
  readonly transferSyntax: string;
  /** Without encapsulated Pixel Data. */
  readonly dataSet: UntypedDataSet;
  readonly encapsulated?: Buffer;
}

function read(bytes: Buffer): Read {
  const { meta, end } = locateFileMetaInformation(bytes) ?? { meta: {}, end: 0 };
  const { transferSyntax = '' } = meta;
  // The data sets of compressed instances are in Explicit VR Little Endian, with encapsulated Pixel Data at the end.
  const isImplicit = transferSyntax === TransferSyntax.ImplicitVRLittleEndian;
  const encoding = isImplicit ? transferSyntax : TransferSyntax.ExplicitVRLittleEndian;
  const at = bytes.indexOf(ENCAPSULATED);
  const dataSet = decodeDataSet(bytes.subarray(end, at < 0 ? bytes.length : at), encoding);
  return { transferSyntax, dataSet, ...(at >= 0 && { encapsulated: bytes.subarray(at) }) };
}

const byUid = (all: readonly Read[]) => new Map(all.map((each) => [String(each.dataSet.SOPInstanceUID), each]));

/** The instances that a destination has received, by SOP Instance UID. */
function receivedIn(path: string): Map<string, Read> {
  return byUid(filesIn(path).map((file) => read(readFileSync(file))));
}

/** Each destination has taken or refused each file. */
const isSettled = (archive: RunningScp) =>
  expect
    .poll(async () => (await (await fetch(`${archive.url}/deliveries`)).json()) as Record<string, number>[], {
      timeout: 20_000,
      interval: 100,
    })
    .toSatisfy((all: readonly Record<string, number>[]) =>
      all.every(({ sent = 0, failed = 0 }) => sent + failed === files.length),
    );

async function startDestination(name: string, option: string): Promise<{ port: number; out: string }> {
  const out = subfolder(name);
  const peer = await startPeer('storescp', (port) => [option, '+B', '-od', out, `${port}`]);
  started.push(peer);
  return { port: peer.port, out };
}

async function storedIn({ rest }: RunningOrthanc): Promise<Map<string, Read>> {
  const ids = (await (await fetch(`${rest}/instances`)).json()) as string[];
  const bytes = ids.map(async (id) => (await fetch(`${rest}/instances/${id}/file`)).arrayBuffer());
  return byUid((await Promise.all(bytes)).map((each) => read(Buffer.from(each))));
}

test.runIf(files.length > 0 && isInstalled('storescp') && isInstalled('Orthanc'))(
  'forwards to each destination what it is to have',
  async () => {
    const orthanc = await startOrthanc(subfolder('orthanc'), {});
    started.push(orthanc);
    const decompressed = await startDestination('decompressed', '+xe');
    const implicit = await startDestination('implicit', '+xa');
    const edited = await startDestination('edited', '+xa');
    const refusing = await startDestination('refusing', '+xi');
    const rules = join(folder, 'forward.yaml');
    writeFileSync(
      rules,
      `destinations:
  ORTHANC: { host: 127.0.0.1, port: ${orthanc.port} }
  DECOMPRESSED: { host: 127.0.0.1, port: ${decompressed.port}, decompress: true }
  IMPLICIT: { host: 127.0.0.1, port: ${implicit.port}, transfer-syntax: implicit }
  EDITED:
    host: 127.0.0.1
    port: ${edited.port}
    set: { PatientName: "Nobody", InstitutionName: "" }
    remove: [StudyDate, private]
  REFUSING: { host: 127.0.0.1, port: ${refusing.port}, attempts: 1 }
rules:
  all: { to: [ORTHANC, DECOMPRESSED, IMPLICIT, EDITED, REFUSING] }
`,
    );
    const archive = await startScp([
      ...['--data', subfolder('data'), '--aet', 'ARCHIVE', '--forward', rules, '--http', '0'],
    ]);
    started.push(archive);
    expect(await runScu('store', `ARCHIVE@127.0.0.1:${archive.port}`, ...files)).toMatchObject({ exitCode: 0 });
    await isSettled(archive);

    const originals = byUid(files.map((path) => read(readFileSync(path))));
    const uids = [...originals.keys()].sort();
    expect(uids).toHaveLength(files.length);

    expect(await storedIn(orthanc)).toEqual(originals);

    const native = receivedIn(decompressed.out);
    expect([...native.keys()].sort()).toEqual(uids);
    for (const { transferSyntax, dataSet } of native.values()) {
      expect(transferSyntax).toBe(TransferSyntax.ExplicitVRLittleEndian);
      const length = (Number(dataSet.Rows) * Number(dataSet.Columns) * Number(dataSet.BitsAllocated)) / 8;
      expect((dataSet.PixelData as Uint8Array).length).toBe(length);
    }

    // A compressed instance cannot be re-encoded without a codec: it is sent as it is.
    for (const [uid, { transferSyntax, dataSet, encapsulated }] of receivedIn(implicit.out)) {
      const original = originals.get(uid);
      const isCompressed = original?.transferSyntax !== TransferSyntax.ExplicitVRLittleEndian;
      expect(transferSyntax).toBe(isCompressed ? original?.transferSyntax : TransferSyntax.ImplicitVRLittleEndian);
      expect([dataSet.PixelData, encapsulated]).toEqual([original?.dataSet.PixelData, original?.encapsulated]);
    }
    expect([...receivedIn(implicit.out).keys()].sort()).toEqual(uids);

    const changed = receivedIn(edited.out);
    expect([...changed.keys()].sort()).toEqual(uids);
    for (const [uid, { transferSyntax, dataSet, encapsulated }] of changed) {
      const original = originals.get(uid);
      expect(transferSyntax).toBe(original?.transferSyntax);
      expect(dataSet).toMatchObject({ PatientName: { Alphabetic: 'Nobody' } });
      expect(dataSet.InstitutionName || null).toBeNull();
      expect(original?.dataSet.StudyDate).toBeDefined();
      expect(Object.keys(dataSet)).not.toContain('StudyDate');
      expect(dataSet.PatientID).toEqual(original?.dataSet.PatientID);
      expect([dataSet.PixelData, encapsulated]).toEqual([original?.dataSet.PixelData, original?.encapsulated]);
      expect(Object.keys(dataSet).filter((key) => /^[0-9a-f]{3}[13579bdf]/i.test(key))).toEqual([]);
    }

    // Those that the destination does not take are kept as failed, and do not hold up the one that it takes.
    expect(filesIn(refusing.out)).toHaveLength(1);
    const page = (await (await fetch(`${archive.url}/deliveries`)).json()) as Record<string, unknown>[];
    const byName = Object.fromEntries(page.map(({ destination, ...others }) => [String(destination), others]));
    expect(byName.REFUSING).toMatchObject({ sent: 1, waiting: 0, failed: 2, failures: 2, behind: 0, isFull: false });
    expect(byName.REFUSING?.reason).toMatch(/transfer syntax/);
    expect(byName.ORTHANC).toMatchObject({ sent: 3, waiting: 0, failed: 0, failures: 0 });
    expect(Number(byName.ORTHANC?.lastSuccess)).toBeGreaterThan(0);
  },
  60_000,
);
