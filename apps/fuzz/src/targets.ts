// The decoders that are fuzzed: all that read bytes which a peer or a file can choose.

import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { deflateRawSync } from 'node:zlib';
import { readConfiguration } from '@x/cli/configuration-file';
import { UsageError } from '@x/cli/program';
import {
  CommandSetError,
  decodeCommandSet,
  encodeCommandSet,
  NotDicomError,
  openDicomFile,
  TransferSyntax,
} from '@x/dimse';
import {
  DataSetError,
  DataSetInspector,
  DataSetScanner,
  decodeDataSet,
  encodeDataSet,
  fromDicomJson,
  locateFileMetaInformation,
  toDicomJson,
} from '@x/dimse/data-set';
import { CaptureError, readConversations } from '@x/net/capture';
import { encodePdu, PduDecoder, PduError, renderPdu, summarizePdu } from '@x/pdu';
import { SEED_DATA_SET, seedCapture, seedPdus } from './seeds.ts';
import { parseBlocks, parseExplicit, parseImplicit, parseLines, parsePart10, parsePdus } from './structure.ts';
import { allowing, ascii, Disagreement, type Target } from './target.ts';

const pdu: Target = {
  name: 'pdu',
  parse: parsePdus,
  dictionary: [ascii('1.2.840.10008.1.1'), ascii('1.2.840.10008.3.1.1.1'), ascii('ANY-SCP         ')],
  seeds: seedPdus,
  run(input) {
    const whole = decodePdus([input]);
    const half = Math.floor(input.length / 2);
    const split = decodePdus([input.slice(0, half), input.slice(half)]);
    if (whole.length !== split.length) throw new Disagreement(`${whole.length} PDUs whole, ${split.length} in pieces`);
    for (const decoded of whole) {
      summarizePdu(decoded);
      renderPdu(decoded);
      // Reading is more lenient than writing.
      const bytes = allowing([PduError], () => Buffer.concat(encodePdu(decoded)));
      const [again] = bytes ? decodePdus([bytes]) : [];
      if (bytes && (!again || !Buffer.concat(encodePdu(again)).equals(bytes)))
        throw new Disagreement(`${decoded.type} does not survive encoding`);
    }
  },
};

function decodePdus(chunks: readonly Uint8Array[]) {
  const decoder = new PduDecoder({ maxLength: 1024 * 1024 });
  const found: ReturnType<typeof decoder.push> extends Generator<infer Decoded> ? Decoded[] : never = [];
  allowing([PduError], () => {
    for (const chunk of chunks) for (const decoded of decoder.push(Uint8Array.from(chunk))) found.push(decoded);
  });
  return found;
}

const commandSet: Target = {
  name: 'command-set',
  parse: parseImplicit,
  dictionary: [ascii('1.2.840.10008.1.1\0'), Uint8Array.of(0x01, 0x01), Uint8Array.of(0x30, 0x00)],
  seeds: () => [
    encodeCommandSet({
      commandField: 0x0030,
      messageId: 1,
      affectedSopClassUid: '1.2.840.10008.1.1',
      hasDataSet: false,
    }),
    encodeCommandSet({
      commandField: 0x8021,
      messageIdBeingRespondedTo: 7,
      status: 0xff00,
      errorComment: 'none',
      offendingElements: [0x00100010],
      hasDataSet: true,
    }),
  ],
  run(input) {
    const command = allowing([CommandSetError], () => decodeCommandSet(input));
    if (!command) return;
    const bytes = encodeCommandSet(command);
    if (!isDeepStrictEqual(encodeCommandSet(decodeCommandSet(bytes)), bytes))
      throw new Disagreement('what is encoded does not survive being decoded');
  },
};

const dataSetTarget = (name: string, transferSyntax: string, parse: Target['parse']): Target => ({
  name,
  parse,
  dictionary: [
    ...['SQ', 'OB', 'UN', 'PN', 'DS', 'UT', 'OW', 'AT', 'UV'].map(ascii),
    Uint8Array.of(0xfe, 0xff, 0x00, 0xe0, 0xff, 0xff, 0xff, 0xff),
    Uint8Array.of(0xfe, 0xff, 0x0d, 0xe0, 0, 0, 0, 0),
    Uint8Array.of(0xfe, 0xff, 0xdd, 0xe0, 0, 0, 0, 0),
    ascii('ISO 2022 IR 87\\ISO_IR 192'),
    Uint8Array.of(0x1b, 0x24, 0x42),
  ],
  seeds: () => [encodeDataSet(SEED_DATA_SET, transferSyntax)],
  async run(input) {
    const scanner = new DataSetScanner(transferSyntax, { extracted: [0x00100010, 0x00080018] });
    allowing([DataSetError], () => {
      scanner.push(Uint8Array.from(input));
      scanner.end();
    });
    const inspector = new DataSetInspector(transferSyntax, {});
    try {
      await inspector.push(Uint8Array.from(input));
      await inspector.end();
    } catch (error) {
      if (!(error instanceof DataSetError)) throw error;
    }
    const dataSet = allowing([DataSetError], () => decodeDataSet(input, transferSyntax));
    if (!dataSet) return;
    allowing([DataSetError], () => fromDicomJson(toDicomJson(dataSet)));
    allowing([DataSetError], () => encodeDataSet(dataSet, TransferSyntax.ExplicitVRLittleEndian));
  },
});

const explicit = dataSetTarget('data-set-explicit', TransferSyntax.ExplicitVRLittleEndian, parseExplicit(true));

/** Mutations of deflated bytes seldom inflate, so the data set is mutated and then deflated; one in eight stays raw. */
const deflated: Target = {
  ...explicit,
  name: 'data-set-deflated',
  async run(input) {
    const bytes = (input[0] ?? 0) % 8 === 7 ? input : deflateRawSync(input);
    const inspector = new DataSetInspector(TransferSyntax.DeflatedExplicitVRLittleEndian, {});
    try {
      for (const chunk of [bytes.slice(0, 7), bytes.slice(7)]) await inspector.push(chunk);
      await inspector.end();
    } catch (error) {
      if (!(error instanceof DataSetError)) throw error;
    }
    allowing([DataSetError], () => decodeDataSet(bytes, TransferSyntax.DeflatedExplicitVRLittleEndian));
  },
};

const part10: Target = {
  name: 'part10',
  parse: parsePart10,
  dictionary: [ascii('DICM'), ascii(TransferSyntax.ExplicitVRLittleEndian), ascii('OB\0\0')],
  seeds: () => [
    Buffer.concat([
      new Uint8Array(128),
      ascii('DICM'),
      encodeDataSet(
        { TransferSyntaxUID: TransferSyntax.ExplicitVRLittleEndian },
        TransferSyntax.ExplicitVRLittleEndian,
      ),
      encodeDataSet(SEED_DATA_SET, TransferSyntax.ExplicitVRLittleEndian),
    ]),
  ],
  async run(input) {
    locateFileMetaInformation(input);
    const path = scratchFile('part10.dcm', input);
    try {
      const file = await openDicomFile(path);
      await file.close();
    } catch (error) {
      if (!(error instanceof NotDicomError || error instanceof DataSetError)) throw error;
    }
  },
};

const dicomJson: Target = {
  name: 'dicom-json',
  parse: parseLines,
  dictionary: ['"vr":', '"Value":', '"InlineBinary":', '"BulkDataURI":', '"SQ"', '"PN"', '[{', '}]', '1e999', '-0']
    .concat('"00100010"', '"Alphabetic":', 'null', '"\\ud800"')
    .map(ascii),
  seeds: () => [ascii(JSON.stringify(toDicomJson(SEED_DATA_SET), undefined, 1))],
  run(input) {
    const model = allowing([SyntaxError], () => JSON.parse(new TextDecoder().decode(input)));
    if (typeof model !== 'object' || model === null || Array.isArray(model)) return;
    const dataSet = allowing([DataSetError], () => fromDicomJson(model));
    if (dataSet) allowing([DataSetError], () => encodeDataSet(dataSet, TransferSyntax.ExplicitVRLittleEndian));
  },
};

const capture: Target = {
  name: 'capture',
  parse: parseBlocks,
  dictionary: [Uint8Array.of(0x0a, 0x0d, 0x0d, 0x0a), Uint8Array.of(0x4d, 0x3c, 0x2b, 0x1a), Uint8Array.of(6, 0, 0, 0)],
  seeds: () => [seedCapture(), ...seedPdus()],
  async run(input) {
    try {
      for await (const _ of readConversations(chunked(input)));
    } catch (error) {
      if (!(error instanceof CaptureError)) throw error;
    }
  },
};

async function* chunked(input: Uint8Array): AsyncGenerator<Uint8Array, void, undefined> {
  const half = Math.floor(input.length / 2);
  yield Uint8Array.from(input.subarray(0, half));
  yield Uint8Array.from(input.subarray(half));
}

const configuration: Target = {
  name: 'configuration',
  parse: parseLines,
  dictionary: ['peers:', ' - ', ': ', '&a', '*a', '<<: *a', '!!binary', '? ', '|', '{', '}', '\t', '%YAML 1.2'].map(
    ascii,
  ),
  seeds: () => [
    ascii('aet: ARCHIVE\nport: 11112\npeers:\n  WORKSTATION: WS@10.0.0.5:104\naccept-calling:\n  - A\n  - B\n'),
    ascii(`data: ${'['.repeat(8000)}\n`),
    ascii('a: &a [x, x]\nb: &b [*a, *a]\nc: &c [*b, *b]\n'),
  ],
  run(input) {
    allowing([UsageError], () => readConfiguration(scratchFile('configuration.yaml', input)));
  },
};

export const TARGETS: readonly Target[] = [
  pdu,
  commandSet,
  explicit,
  dataSetTarget('data-set-implicit', TransferSyntax.ImplicitVRLittleEndian, parseImplicit),
  dataSetTarget('data-set-big-endian', TransferSyntax.ExplicitVRBigEndian, parseExplicit(false)),
  deflated,
  part10,
  dicomJson,
  capture,
  configuration,
];

let scratch: string | undefined;

/** The path of a file with these bytes; each name has one file, which is written again each time. */
function scratchFile(name: string, bytes: Uint8Array): string {
  scratch ??= mkdtempSync(join(tmpdir(), 'fuzz-'));
  const path = join(scratch, name);
  writeFileSync(path, bytes);
  return path;
}
