// Makes a synthetic CT series as DICOM files: ellipsoids like those of a head phantom (PS3.3 §A.3, PS3.5, PS3.10).

export interface SeriesOptions {
  /** The number of slices. Default 24. */
  readonly slices?: number;
  /** Rows and columns of a slice. Default 512. */
  readonly size?: number;
  /** Another seed makes another series, with other UIDs. Default 1. */
  readonly seed?: number;
}

export interface Slice {
  readonly studyInstanceUid: string;
  readonly seriesInstanceUid: string;
  readonly sopInstanceUid: string;
  /** The whole file: preamble, meta information, data set. */
  readonly bytes: Uint8Array;
}

/**
 * Makes the slices of a series, one at a time. The same options give the same bytes. UIDs are made under 2.25, with a
 * number that contains the seed, the series and the slice (PS3.5 Annex B.2).
 */
export function* computedTomographySeries({ slices = 24, size = 512, seed = 1 }: SeriesOptions = {}): Generator<Slice> {
  for (let index = 0; index < slices; index++) yield slice({ slices, size, seed }, index);
}

function slice({ slices, size, seed }: Required<SeriesOptions>, index: number): Slice {
  const uid = (kind: number, number = 0) =>
    `2.25.${ROOT + BigInt(seed) * 1_000_000n + BigInt(kind * 100_000 + number)}`;
  const [studyInstanceUid, seriesInstanceUid] = [uid(2), uid(3)];
  const sopInstanceUid = uid(1, index + 1);
  const spacing = 240 / size;
  const position = (index - (slices - 1) / 2) * SLICE_THICKNESS;
  const edge = -(size - 1) / 2;
  const corner = [edge * spacing, edge * spacing, position].map(decimal).join('\\');
  const dataSet = [
    element(0x0008, 0x0008, 'CS', 'ORIGINAL\\PRIMARY\\AXIAL'),
    element(0x0008, 0x0016, 'UI', CT_IMAGE_STORAGE),
    element(0x0008, 0x0018, 'UI', sopInstanceUid),
    element(0x0008, 0x0020, 'DA', '20200102'),
    element(0x0008, 0x0021, 'DA', '20200102'),
    element(0x0008, 0x0022, 'DA', '20200102'),
    element(0x0008, 0x0023, 'DA', '20200102'),
    element(0x0008, 0x0030, 'TM', '101500'),
    element(0x0008, 0x0031, 'TM', '101600'),
    element(0x0008, 0x0032, 'TM', '101600'),
    element(0x0008, 0x0033, 'TM', '101600'),
    element(0x0008, 0x0050, 'SH', `PHANTOM${seed}`),
    element(0x0008, 0x0060, 'CS', 'CT'),
    element(0x0008, 0x0070, 'LO', 'Synthetic'),
    element(0x0008, 0x0090, 'PN', ''),
    element(0x0008, 0x1030, 'LO', 'Phantom'),
    element(0x0008, 0x103e, 'LO', 'Ellipsoids'),
    element(0x0008, 0x1090, 'LO', 'Phantom generator'),
    element(0x0010, 0x0010, 'PN', 'Phantom^Computed'),
    element(0x0010, 0x0020, 'LO', `PHANTOM-${seed}`),
    element(0x0010, 0x0030, 'DA', '19700101'),
    element(0x0010, 0x0040, 'CS', 'O'),
    element(0x0018, 0x0015, 'CS', 'HEAD'),
    element(0x0018, 0x0050, 'DS', decimal(SLICE_THICKNESS)),
    element(0x0018, 0x0060, 'DS', '120'),
    element(0x0018, 0x1020, 'LO', '1'),
    element(0x0018, 0x5100, 'CS', 'HFS'),
    element(0x0020, 0x000d, 'UI', studyInstanceUid),
    element(0x0020, 0x000e, 'UI', seriesInstanceUid),
    element(0x0020, 0x0010, 'SH', '1'),
    element(0x0020, 0x0011, 'IS', '1'),
    element(0x0020, 0x0012, 'IS', '1'),
    element(0x0020, 0x0013, 'IS', `${index + 1}`),
    element(0x0020, 0x0032, 'DS', corner),
    element(0x0020, 0x0037, 'DS', '1\\0\\0\\0\\1\\0'),
    element(0x0020, 0x0052, 'UI', uid(4)),
    element(0x0020, 0x1040, 'LO', ''),
    element(0x0020, 0x1041, 'DS', decimal(position)),
    short(0x0028, 0x0002, 1),
    element(0x0028, 0x0004, 'CS', 'MONOCHROME2'),
    short(0x0028, 0x0010, size),
    short(0x0028, 0x0011, size),
    element(0x0028, 0x0030, 'DS', `${decimal(spacing)}\\${decimal(spacing)}`),
    short(0x0028, 0x0100, 16),
    short(0x0028, 0x0101, 16),
    short(0x0028, 0x0102, 15),
    short(0x0028, 0x0103, 1),
    element(0x0028, 0x1050, 'DS', '40'),
    element(0x0028, 0x1051, 'DS', '200'),
    element(0x0028, 0x1052, 'DS', '0'),
    element(0x0028, 0x1053, 'DS', '1'),
    element(0x0028, 0x1054, 'LO', 'HU'),
    pixelData(hounsfieldUnits(size, slices > 1 ? (2 * index) / (slices - 1) - 1 : 0, seed + index)),
  ];
  return {
    studyInstanceUid,
    seriesInstanceUid,
    sopInstanceUid,
    bytes: concatenate([head(sopInstanceUid), ...dataSet]),
  };
}

// A UUID's value, with room for the seed and the rest below it.
const ROOT = 0x5f2c9f0e4b7d4c53_9d9f_000000000000n;
const CT_IMAGE_STORAGE = '1.2.840.10008.5.1.4.1.1.2';
const EXPLICIT_VR_LITTLE_ENDIAN = '1.2.840.10008.1.2.1';
const SLICE_THICKNESS = 5;
const AIR = -1000;

/** An ellipsoid that adds its value, in Hounsfield units, to the volume it covers. Lengths are in halves of the image. */
interface Ellipsoid {
  readonly center: readonly [x: number, y: number, z: number];
  readonly axes: readonly [x: number, y: number, z: number];
  /** Degrees in the plane of the slice. */
  readonly angle: number;
  readonly adds: number;
}

const ELLIPSOIDS: readonly Ellipsoid[] = [
  { center: [0, 0, 0], axes: [0.69, 0.92, 1.1], angle: 0, adds: 2000 },
  { center: [0, -0.0184, 0], axes: [0.6624, 0.874, 1.05], angle: 0, adds: -970 },
  { center: [0.22, 0, 0], axes: [0.11, 0.31, 0.6], angle: -18, adds: -25 },
  { center: [-0.22, 0, 0], axes: [0.16, 0.41, 0.7], angle: 18, adds: -25 },
  { center: [0, 0.35, -0.15], axes: [0.21, 0.25, 0.6], angle: 0, adds: 20 },
  { center: [0, -0.1, 0.25], axes: [0.046, 0.046, 0.3], angle: 0, adds: 60 },
  { center: [-0.08, -0.605, 0], axes: [0.046, 0.023, 0.4], angle: 0, adds: 45 },
  { center: [0.06, -0.605, 0], axes: [0.023, 0.046, 0.4], angle: 90, adds: 45 },
];

/** One slice at a height from -1 to 1, with a little noise so that it does not compress to nothing. */
function hounsfieldUnits(size: number, z: number, seed: number): Int16Array {
  const pixels = new Int16Array(size * size);
  const cut = ELLIPSOIDS.map(({ center, axes, angle, adds }) => {
    const height = (z - center[2]) / axes[2];
    const radians = (angle * Math.PI) / 180;
    const [sine, cosine] = [Math.sin(radians), Math.cos(radians)];
    return { x: center[0], y: center[1], a: axes[0], b: axes[1], room: 1 - height * height, sine, cosine, adds };
  });
  let noise = (seed * 2654435761) >>> 0 || 1;
  for (let row = 0, at = 0; row < size; row++) {
    const y = 1 - (2 * row + 1) / size;
    for (let column = 0; column < size; column++, at++) {
      const x = (2 * column + 1) / size - 1;
      let value = AIR;
      for (const ellipse of cut) {
        const dx = x - ellipse.x;
        const dy = y - ellipse.y;
        const u = (dx * ellipse.cosine + dy * ellipse.sine) / ellipse.a;
        const v = (dy * ellipse.cosine - dx * ellipse.sine) / ellipse.b;
        if (u * u + v * v <= ellipse.room) value += ellipse.adds;
      }
      noise ^= noise << 13;
      noise ^= noise >>> 17;
      noise ^= noise << 5;
      pixels[at] = value + ((noise >>> 0) % 11) - 5;
    }
  }
  return pixels;
}

function head(sopInstanceUid: string): Uint8Array {
  const elements = concatenate([
    long(0x0002, 0x0001, 'OB', Uint8Array.of(0, 1)),
    element(0x0002, 0x0002, 'UI', CT_IMAGE_STORAGE),
    element(0x0002, 0x0003, 'UI', sopInstanceUid),
    element(0x0002, 0x0010, 'UI', EXPLICIT_VR_LITTLE_ENDIAN),
    element(0x0002, 0x0012, 'UI', `2.25.${ROOT}`),
  ]);
  const length = new Uint8Array(4);
  new DataView(length.buffer).setUint32(0, elements.length, true);
  const prefix = Uint8Array.of(0x44, 0x49, 0x43, 0x4d);
  return concatenate([new Uint8Array(128), prefix, raw(0x0002, 0x0000, 'UL', length), elements]);
}

function element(group: number, number: number, vr: string, text: string): Uint8Array {
  const padded = text.length % 2 === 0 ? text : text + (vr === 'UI' ? '\0' : ' ');
  return raw(
    group,
    number,
    vr,
    Uint8Array.from(padded, (character) => character.charCodeAt(0)),
  );
}

function short(group: number, number: number, value: number): Uint8Array {
  return raw(group, number, 'US', Uint8Array.of(value & 0xff, value >>> 8));
}

function pixelData(pixels: Int16Array): Uint8Array {
  const bytes = new Uint8Array(pixels.length * 2);
  const view = new DataView(bytes.buffer);
  pixels.forEach((value, index) => {
    view.setInt16(index * 2, value, true);
  });
  return long(0x7fe0, 0x0010, 'OW', bytes);
}

function raw(group: number, number: number, vr: string, value: Uint8Array): Uint8Array {
  return concatenate([header(group, number, vr), Uint8Array.of(value.length & 0xff, value.length >>> 8), value]);
}

function long(group: number, number: number, vr: string, value: Uint8Array): Uint8Array {
  const length = new Uint8Array(6);
  new DataView(length.buffer).setUint32(2, value.length, true);
  return concatenate([header(group, number, vr), length, value]);
}

function header(group: number, number: number, vr: string): Uint8Array {
  const [first, second] = [vr.charCodeAt(0), vr.charCodeAt(1)];
  return Uint8Array.of(group & 0xff, group >>> 8, number & 0xff, number >>> 8, first, second);
}

function decimal(value: number): string {
  return String(Number(value.toFixed(6)));
}

function concatenate(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
