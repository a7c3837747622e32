// Data sets and files exchanged with dcmjs: the oldest version that is supported, and a recent one.

import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { sharedFiles } from '@x/testing/shared-files';
import { describe, expect, test } from 'vitest';
import {
  combineDataSetCodecs,
  decodeDataSet,
  decodeExtract,
  encodeDataSet,
  type UntypedDataSet,
} from '../data-set/dataset.ts';
import { isElement } from '../data-set/element.ts';
import { encodeFileMetaInformation, locateFileMetaInformation } from '../part10/file-meta-information.ts';
import { TransferSyntax } from '../registry/uids.generated.ts';
import { dcmjsDataSetCodec } from './dcmjs-codec.ts';
import type { Dcmjs, DenaturalizedDataSet, DicomDict, NaturalizedDataSet } from './dcmjs-data.ts';
import { fromDicomDict, toDicomDict } from './dicom-dict.ts';
import { fromDcmjs, fromDenaturalized } from './from-dcmjs.ts';
import { toDcmjs, toDenaturalized } from './to-dcmjs.ts';

/** More of dcmjs, for these tests. */
interface WholeDcmjs extends Dcmjs {
  readonly data: Dcmjs['data'] & {
    readonly DicomMessage: { readFile(bytes: ArrayBuffer, options?: object): DicomDict };
    readonly DicomMetaDictionary: Dcmjs['data']['DicomMetaDictionary'] & {
      denaturalizeDataset(dataSet: NaturalizedDataSet): DenaturalizedDataSet;
    };
  };
  readonly log: { getLevel(): number };
}

const load = createRequire(import.meta.url);
const EXPLICIT = TransferSyntax.ExplicitVRLittleEndian;
const bytes = (...values: number[]) => Uint8Array.from(values);

/** The tag of PatientWeight, under which a number with too many digits is. */
const WEIGHT = '00101030';

/** A value of each value representation. Those that dcmjs reads in another way are in tests of their own. */
const BY_VR: Readonly<Record<string, UntypedDataSet>> = {
  AE: { RetrieveAETitle: ['ONE', 'TWO'] },
  AS: { PatientAge: '042Y' },
  AT: { FrameIncrementPointer: [0x00181063, 0x7fe00010] },
  CS: { ImageType: ['ORIGINAL', 'PRIMARY'], Modality: 'CT' },
  DA: { StudyDate: '20260102' },
  DS: { ImagePositionPatient: [-1.5, 0, 1e-7], SliceThickness: 1.25, PatientWeight: '9007199254740993' },
  DT: { AcquisitionDateTime: '20260102101112.123456+0100' },
  FD: { DiffusionBValue: 1.1 },
  FL: { TableTopVerticalPosition: 0.5 },
  IS: { InstanceNumber: 7, NumberOfFrames: 1, ReferencedFrameNumber: [1, 2] },
  LO: { PatientID: '42', OtherPatientIDs: ['a', 'b'] },
  LT: { AdditionalPatientHistory: 'one\r\ntwo\\three' },
  OB: { ICCProfile: bytes(1, 2, 3, 4) },
  OD: { DoubleFloatPixelData: bytes(1, 2, 3, 4, 5, 6, 7, 8) },
  OF: { FloatPixelData: bytes(1, 2, 3, 4) },
  OL: { LongPrimitivePointIndexList: bytes(1, 0, 0, 0) },
  OV: { ExtendedOffsetTable: bytes(1, 0, 0, 0, 0, 0, 0, 0) },
  OW: { RedPaletteColorLookupTableData: bytes(1, 2, 3, 4) },
  PN: { PatientName: { Alphabetic: 'Doe^Jane' }, OtherPatientNames: [{ Alphabetic: 'A^B' }, { Alphabetic: 'C' }] },
  SH: { StationName: 'scanner', AccessionNumber: 'A1' },
  SL: { ReferencePixelX0: -5 },
  SQ: { ReferencedStudySequence: [{ ReferencedSOPInstanceUID: '2.25.1' }, { ReferencedSOPInstanceUID: '2.25.2' }] },
  SS: { PixelRepresentation: 1, SmallestImagePixelValue: -3 },
  ST: { InstitutionAddress: 'Street 1\\Town' },
  SV: { SelectorSVValue: [-9223372036854775808n, 5n] },
  TM: { StudyTime: '101112.5' },
  UC: { LongCodeValue: 'a code' },
  UI: { StudyInstanceUID: '2.25.3', FailedSOPInstanceUIDList: ['2.25.1', '2.25.2'] },
  UL: { SimpleFrameList: [1, 4294967295] },
  UN: { SelectorUNValue: bytes(1, 2) },
  UR: { RetrieveURL: 'http://localhost/a?b' },
  US: { Rows: 512, LUTDescriptor: [256, 0, 16] },
  UT: { TextValue: 'one\\two' },
  UV: { SelectorUVValue: 18446744073709551615n },
};

const OTHERS: Readonly<Record<string, UntypedDataSet>> = {
  'a sequence in a sequence': {
    ReferencedSeriesSequence: [
      { SeriesInstanceUID: '2.25.1', ReferencedSOPSequence: [{ ReferencedSOPInstanceUID: '2.25.2' }] },
    ],
  },
  'a sequence without items': { ReferencedStudySequence: [] },
  'text outside ASCII': {
    SpecificCharacterSet: 'ISO_IR 192',
    PatientName: [{ Alphabetic: 'Yamada^Tarou', Ideographic: '山田^太郎', Phonetic: 'やまだ^たろう' }],
    PatientID: 'Größe',
  },
  'retired attributes': { OtherStudyNumbers: 5, NumberOfReferences: 3 },
  'attributes that the dictionary of dcmjs lacks or spells otherwise': {
    NumberOfTableColumns: 3,
    PlaneNormal: [0, 0, 1],
    SummarizedFilterLookupTableSequence: [{ PatientID: '1' }],
    ViewOrientationModifierCodeSequence: [{ CodeValue: '1' }],
    ReferencedSegmentationSequence: [{ ReferencedSegmentNumber: 1 }],
  },
};

const PRIVATE: UntypedDataSet = {
  '00091010': { vr: 'LO', value: 'private' },
  '00090010': 'CREATOR',
  '00091001': { vr: 'US', value: [1, 2] },
  '00091002': { vr: 'DS', value: 1.5 },
  '00091003': { vr: 'OB', value: bytes(1, 2) },
  '00091004': { vr: 'SQ', value: [{ '00091001': { vr: 'FD', value: 2.5 }, '00090010': 'CREATOR' }] },
  '20011001': { vr: 'SS', value: -1 },
  '20010010': 'ANOTHER',
};

describe.each(['dcmjs-oldest', 'dcmjs'])('%s', (name) => {
  const dcmjs = load(name) as WholeDcmjs;
  const { DicomMessage, DicomMetaDictionary } = dcmjs.data;

  /** The data set after dcmjs has read it from a file. */
  const readByDcmjs = (dataSet: UntypedDataSet) => {
    const meta = { transferSyntax: EXPLICIT, sopClass: '2.25.8', sopInstance: '2.25.9', sourceAeTitle: 'AE' };
    const file = Buffer.concat([encodeFileMetaInformation(meta), encodeDataSet(dataSet, EXPLICIT)]);
    return DicomMessage.readFile(bufferOf(file));
  };

  /** The data set after dcmjs has written it to a file. */
  const writtenByDcmjs = (dataSet: UntypedDataSet) => {
    const file = new Uint8Array(toDicomDict({ meta: { transferSyntax: EXPLICIT }, dataSet }, dcmjs).write());
    return decodeDataSet(file.subarray(locateFileMetaInformation(file)?.end), EXPLICIT);
  };

  test.each(Object.entries({ ...BY_VR, ...OTHERS }))('has the same values of %s', (_, given) => {
    const dataSet = decodeDataSet(encodeDataSet(given, EXPLICIT), EXPLICIT);
    expect(fromDenaturalized(toDenaturalized(dataSet))).toEqual(dataSet);
    expect(fromDcmjs(toDcmjs(dataSet, dcmjs))).toEqual(plain(dataSet));
    const { meta, dict } = readByDcmjs(dataSet);
    expect(fromDicomDict({ meta, dict })).toEqual({
      meta: { transferSyntax: EXPLICIT, sopClass: '2.25.8', sopInstance: '2.25.9', sourceAeTitle: 'AE' },
      dataSet,
    });
    expect(fromDcmjs(DicomMetaDictionary.naturalizeDataset(dict))).toEqual(plain(dataSet));
    expect(writtenByDcmjs(dataSet)).toEqual(dataSet);
  });

  test.each(Object.entries(BY_VR))('denaturalizes what toDcmjs gives of %s', (_, given) => {
    const { [WEIGHT]: _weight, ...dataSet }: UntypedDataSet = decodeDataSet(encodeDataSet(given, EXPLICIT), EXPLICIT);
    const elements = DicomMetaDictionary.denaturalizeDataset(toDcmjs(dataSet, dcmjs));
    expect(fromDenaturalized(elements)).toEqual(dataSet);
  });

  test('keeps private attributes and their VR', () => {
    const dataSet = decodeDataSet(encodeDataSet(PRIVATE, EXPLICIT), EXPLICIT);
    expect(fromDcmjs(toDcmjs(dataSet, dcmjs))).toEqual(dataSet);
    expect(fromDicomDict(readByDcmjs(dataSet)).dataSet).toEqual(dataSet);
    expect(writtenByDcmjs(dataSet)).toEqual(dataSet);
  });

  test('is not told the VR of private attributes by naturalized data sets of dcmjs', () => {
    const { '00091001': _, '00091002': __, '00091004': ___, '20011001': ____, ...others } = PRIVATE;
    const naturalized = DicomMetaDictionary.naturalizeDataset(readByDcmjs(others).dict);
    expect(fromDcmjs(naturalized)).toMatchObject({ '00091010': { vr: 'LO', value: 'private' } });
    expect(fromDcmjs(naturalized)).toMatchObject({ '00091003': { vr: 'UN', value: bytes(1, 2) } });
    const numbers = DicomMetaDictionary.naturalizeDataset(readByDcmjs(PRIVATE).dict);
    expect(() => fromDcmjs(numbers)).toThrow('needs a value representation in _vrMap');
  });

  test('keeps an empty person name among others, which dcmjs drops when it reads', () => {
    const dataSet = { OtherPatientNames: [{ Alphabetic: 'A' }, null, { Alphabetic: 'B' }] };
    expect(fromDcmjs(toDcmjs(dataSet, dcmjs))).toEqual(dataSet);
    expect(writtenByDcmjs(dataSet)).toEqual(dataSet);
  });

  test('keeps the groups of overlays apart, which dcmjs gives the same names', () => {
    const dataSet: UntypedDataSet = {
      OverlayRows: 256,
      '60020010': 512,
      ReferencedStudySequence: [{ '60040010': 128 }],
    };
    expect(fromDcmjs(toDcmjs(dataSet, dcmjs))).toEqual(dataSet);
    expect(fromDicomDict(readByDcmjs(dataSet)).dataSet).toEqual(dataSet);
    expect(writtenByDcmjs(dataSet)).toEqual(dataSet);
  });

  test('writes empty values that remain empty', () => {
    const empty = {
      PatientName: '',
      PatientID: '',
      StudyDate: '',
      InstanceNumber: null,
      SliceThickness: null,
      Rows: null,
      TableTopVerticalPosition: null,
      FrameIncrementPointer: null,
      ICCProfile: null,
      ReferencedStudySequence: [],
      AdditionalPatientHistory: '',
      SelectorSVValue: null,
      SelectorUVValue: null,
    };
    const dataSet = decodeDataSet(encodeDataSet(empty, EXPLICIT), EXPLICIT);
    expect(writtenByDcmjs(dataSet)).toEqual(dataSet);
    expect(fromDcmjs(toDcmjs(dataSet, dcmjs))).toEqual(dataSet);
    const { Rows, TableTopVerticalPosition, SelectorUVValue, ...others } = dataSet;
    // dcmjs reads these as zero.
    expect(fromDicomDict(readByDcmjs(dataSet)).dataSet).toMatchObject(others);
  });

  test('gets text of any character set in UTF-8', () => {
    const dataSet = { SpecificCharacterSet: ['ISO_IR 100'], PatientName: { Alphabetic: 'Größe' } };
    const decoded = decodeDataSet(encodeDataSet(dataSet, EXPLICIT), EXPLICIT);
    expect(toDcmjs(decoded, dcmjs).SpecificCharacterSet).toBe('ISO_IR 192');
    expect(writtenByDcmjs(decoded)).toEqual({ ...decoded, SpecificCharacterSet: ['ISO_IR 192'] });
    const undeclared = toDenaturalized({ PatientID: 'Größe' });
    expect(undeclared['00080005']).toEqual({ vr: 'CS', Value: ['ISO_IR 192'] });
  });

  test('has native pixel data as one ArrayBuffer', () => {
    const dataSet = { BitsAllocated: 16, PixelData: bytes(1, 2, 3, 4) };
    const naturalized = toDcmjs(dataSet, dcmjs);
    expect([...(naturalized.PixelData as ArrayBuffer[])]).toEqual([bytes(1, 2, 3, 4).buffer]);
    expect(fromDcmjs(naturalized)).toEqual(dataSet);
    expect(writtenByDcmjs(dataSet)).toEqual(dataSet);
    expect(fromDicomDict(readByDcmjs(dataSet)).dataSet).toEqual(dataSet);
    expect(fromDcmjs({ PixelData: Uint16Array.of(0x0201, 0x0403) })).toEqual({ PixelData: bytes(1, 2, 3, 4) });
  });

  test.each([
    ['of one frame', 1, [bytes(0, 0, 0, 0), bytes(1, 2)], [[1, 2]]],
    ['of one frame without a table', 1, [bytes(), bytes(1, 2)], [[1, 2]]],
    [
      'of frames in fragments',
      2,
      [bytes(0, 0, 0, 0, 20, 0, 0, 0), bytes(1, 2), bytes(3, 4), bytes(5, 6)],
      [
        [1, 2, 3, 4],
        [5, 6],
      ],
    ],
    [
      'in fragments without a table',
      1,
      [bytes(), bytes(1, 2), bytes(3, 4)],
      [
        [1, 2],
        [3, 4],
      ],
    ],
  ])('has encapsulated pixel data %s as frames', (_, frames, PixelData, expected) => {
    const dataSet: UntypedDataSet = { NumberOfFrames: frames, PixelData };
    const transferSyntax = TransferSyntax.JPEGBaseline8Bit;
    const naturalized = toDcmjs(dataSet, dcmjs);
    const values = [naturalized.PixelData].flat() as ArrayBuffer[];
    expect(values.map((value) => [...new Uint8Array(value)])).toEqual(expected);
    const written = toDicomDict({ meta: { transferSyntax }, dataSet }, dcmjs).write({ fragmentMultiframe: false });
    const { dict, meta } = DicomMessage.readFile(written);
    const images = [
      fromDcmjs(naturalized, { transferSyntax }),
      fromDcmjs({ ...naturalized, _meta: { TransferSyntaxUID: transferSyntax } }),
      fromDicomDict({ dict, meta }).dataSet,
      readInstance(new Uint8Array(written)),
    ];
    for (const { PixelData: found } of images) {
      const [table, ...fragments] = found as Uint8Array[];
      expect(Buffer.concat(fragments)).toEqual(Buffer.concat(PixelData.slice(1)));
      expect(fragments.length).toBe(expected.length);
      if (expected.length === frames) expect(table?.length).toBe(4 * frames);
    }
  });

  test('takes the values that programs write into naturalized data sets', () => {
    const naturalized = toDcmjs(
      { PatientName: { Alphabetic: 'A' }, ReferencedStudySequence: [{ PatientID: '1' }] },
      dcmjs,
    );
    naturalized.PatientName = 'Doe^Jane';
    naturalized.OtherPatientNames = 'A^B\\C=D';
    naturalized.ReferencedStudySequence = { PatientID: '2' };
    naturalized.ImageType = 'A\\B';
    naturalized.Rows = '512';
    naturalized.SliceThickness = '1.50';
    naturalized.StudyDate = undefined;
    naturalized.BulkDataProviderSequence = undefined;
    naturalized.ICCProfile = { InlineBinary: 'AQI=' };
    naturalized.EncapsulatedDocument = { BulkDataURI: 'http://localhost/' };
    expect(fromDcmjs(naturalized)).toEqual({
      PatientName: { Alphabetic: 'Doe^Jane' },
      OtherPatientNames: [{ Alphabetic: 'A^B' }, { Alphabetic: 'C', Ideographic: 'D' }],
      ReferencedStudySequence: [{ PatientID: '2' }],
      ImageType: ['A', 'B'],
      Rows: 512,
      SliceThickness: 1.5,
      ICCProfile: bytes(1, 2),
      '00420011': { vr: 'OB', value: { BulkDataURI: 'http://localhost/' } },
    });
  });

  test.each([
    [{ PatientNam: 'A' }, "'PatientNam' is neither a keyword of the standard nor a tag"],
    [{ Rows: 'many' }, '(0028,0010) of US cannot have a value of type string'],
    [{ ReferencedStudySequence: [1] }, '(0008,1110) takes data sets, but item 0 is not one'],
    [{ ReferencedStudySequence: [{ Rows: -1 }] }, '(0008,1110)[0].(0028,0010) of US cannot have the number -1'],
    [{ PixelData: 'text' }, '(7FE0,0010) of OW has a value of another kind'],
  ])('rejects %j', (naturalized, message) => {
    expect(() => fromDcmjs(naturalized)).toThrow(message);
  });

  test('rejects data sets that contain themselves', () => {
    const item: NaturalizedDataSet = {};
    item.ReferencedStudySequence = [item];
    expect(() => fromDcmjs(item)).toThrow('is nested more than 64 deep');
  });

  // dcmjs reads beyond the items of this file, and reserves as many bytes as it finds there.
  test.each(sharedFiles(/^(?!.*rtdose_rle).*\.dcm$/).map((path) => [path.split('/').at(-1) as string, path]))(
    'agrees about %s',
    (_, path) => {
      const file = readFileSync(path);
      const read = attempt(() => DicomMessage.readFile(bufferOf(file), { ignoreErrors: true }));
      const end = locateFileMetaInformation(file)?.end ?? 0;
      const transferSyntax = locateFileMetaInformation(file)?.meta.transferSyntax ?? EXPLICIT;
      const ours: UntypedDataSet | undefined = attempt(() => decodeExtract(file.subarray(end), transferSyntax));
      // Files that one of the two cannot read.
      if (!read || !ours) return;
      const theirs = fromDicomDict(read).dataSet;
      // dcmjs reads some values of private VRs, and empty numbers, in other ways.
      for (const [key, value] of Object.entries(theirs))
        if (/^[A-Z]/.test(key) && key in ours && !isEmptyOrBytes(ours[key]) && key !== 'SpecificCharacterSet')
          expect([key, strip(value)]).toEqual([key, strip(ours[key])]);
      const again = toDicomDict({ meta: { transferSyntax }, dataSet: plain(ours) }, dcmjs);
      const { PixelData, ...found } = fromDicomDict(again).dataSet;
      expect(strip(withoutTable(PixelData))).toEqual(strip(withoutTable(ours.PixelData)));
      expect(strip(found)).toEqual(strip({ ...ours, ...changed(ours) }));
    },
  );

  test('gives handlers its data sets through a codec', () => {
    const codec = combineDataSetCodecs(dcmjsDataSetCodec(dcmjs));
    const dataSet = { PatientName: 'Doe^Jane', Rows: 5, ReferencedStudySequence: [{ PatientID: '1' }] };
    const found = codec.decode(codec.encode(dataSet, EXPLICIT), EXPLICIT) as NaturalizedDataSet;
    expect(String(found.PatientName)).toBe('Doe^Jane');
    expect((found.ReferencedStudySequence as NaturalizedDataSet).PatientID).toBe('1');
    expect(codec.encode(found, EXPLICIT)).toEqual(encodeDataSet(dataSet, EXPLICIT));
  });

  test('keeps its log level', () => expect(dcmjs.log.getLevel()).toBe(3));
});

function attempt<T>(work: () => T): T | undefined {
  try {
    return work();
  } catch {
    return undefined;
  }
}

function bufferOf(file: Uint8Array): ArrayBuffer {
  return Uint8Array.from(file).buffer;
}

function readInstance(file: Uint8Array): UntypedDataSet {
  return decodeDataSet(file.subarray(locateFileMetaInformation(file)?.end), EXPLICIT);
}

/** A naturalized data set has numbers only: the text of numbers with many digits is lost, as in dcmjs. */
function plain(dataSet: UntypedDataSet): UntypedDataSet {
  const { [WEIGHT]: weight, ...others } = dataSet;
  return isElement(weight) ? { ...others, PatientWeight: Number(weight.value) } : dataSet;
}

function changed(dataSet: UntypedDataSet): UntypedDataSet {
  const isDeclared = dataSet.SpecificCharacterSet !== undefined;
  return { PixelData: undefined, ...(isDeclared && { SpecificCharacterSet: ['ISO_IR 192'] }) };
}

function withoutTable(pixelData: unknown): unknown {
  return Array.isArray(pixelData) ? pixelData.slice(1) : pixelData;
}

function isEmptyOrBytes(value: unknown): boolean {
  const values = Array.isArray(value) ? value : [value];
  return values.every((one) => one === null || one === '' || one instanceof Uint8Array);
}

/** The values without bytes, as JSON. */
function strip(value: unknown): unknown {
  return JSON.parse(
    JSON.stringify(value, (_, each) =>
      each instanceof Uint8Array ? each.length : typeof each === 'bigint' ? `${each}` : each,
    ) ?? 'null',
  );
}
