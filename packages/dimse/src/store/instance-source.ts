// Instances that are to be sent: files, streams or bytes, described before they are read (PS3.7 §9.1.1).

import type { DataSource, PositionedSource } from '@x/net';
import { DataSetError } from '../data-set/data-set-error.ts';
import { DicomFile, openDicomFile } from '../part10/dicom-file.ts';
import type { InstanceKind } from '../services/storage.ts';

/** A file whose content is known, from an index for example: it is not opened before its turn. */
export interface InstanceFile extends InstanceKind {
  readonly sopInstance: string;
  readonly path: string;
  /** Bytes of its data set, where that is known. */
  readonly length?: number;
}

/**
 * An instance that is no file. Its data are encoded in the transfer syntax. What a function gives can be had again
 * where the association is lost in the middle; an async iterable is read once.
 */
export interface InstanceData extends InstanceKind {
  readonly sopInstance: string;
  readonly data: DataSource | (() => DataSource | Promise<DataSource>);
}

/** An instance that is opened when its turn comes, and closed when it was sent. */
export interface RetrievableInstance extends InstanceKind {
  readonly sopInstance: string;
  /** @param buffer To read a file into, unchanged until it is closed: one that fits is read at once. */
  open(buffer?: Uint8Array): Promise<{ readonly source: DataSource; close?(): Promise<void> }>;
}

/** An instance to be sent. A path is that of a DICOM file; of a DicomFile the path is taken, and it is opened anew. */
export type InstanceSource = string | DicomFile | InstanceFile | InstanceData | RetrievableInstance;

/** What is known of an instance before it is read, or why nothing is. */
export interface DescribedInstance {
  readonly path?: string;
  readonly sopClass?: string;
  readonly sopInstance?: string;
  readonly transferSyntax?: string;
  /** Bytes of its data set, where that is known. */
  readonly length?: number;
}

export interface SendableInstance extends DescribedInstance {
  readonly sopClass: string;
  readonly sopInstance: string;
  readonly transferSyntax: string;
  /** Whether its data can be had more than once. */
  readonly isRepeatable: boolean;
  /** @param buffer To read a file into, unchanged until it is closed: one that fits is read at once. */
  open(buffer?: Uint8Array): Promise<OpenInstance>;
}

export interface OpenInstance {
  readonly data: DataSource;
  close(): Promise<void>;
}

export type Description =
  | { readonly instance: SendableInstance; readonly error?: undefined }
  | { readonly instance: DescribedInstance; readonly error: Error };

/** Whether an instance is described without reading it. */
export function isDescribed(source: InstanceSource): boolean {
  return typeof source !== 'string' && !(source instanceof DicomFile);
}

/** Describes an instance; the head of a file is read where only its path is known. Never rejects. */
export async function describeInstance(source: InstanceSource, isChecked: boolean): Promise<Description> {
  if (typeof source === 'string' || source instanceof DicomFile) {
    const path = typeof source === 'string' ? source : source.path;
    return describeFile(path, isChecked);
  }
  const { sopClass, sopInstance, transferSyntax } = source;
  const known = { sopClass, sopInstance, transferSyntax };
  if ('path' in source) {
    const { path, length } = source;
    const described = { ...known, path, ...(length !== undefined && { length }) };
    return { instance: { ...described, isRepeatable: true, open: (buffer) => openFile(source, buffer) } };
  }
  if ('open' in source)
    return { instance: { ...known, isRepeatable: true, open: (buffer) => openRetrievable(source, buffer) } };
  const { data } = source;
  const isRepeatable = typeof data === 'function' || data instanceof Uint8Array || 'readv' in data;
  const open = async () => ({ data: typeof data === 'function' ? await data() : data, close: async () => {} });
  return { instance: { ...known, isRepeatable, open } };
}

async function openRetrievable(instance: RetrievableInstance, buffer?: Uint8Array): Promise<OpenInstance> {
  const opened = await instance.open(buffer);
  let closing: Promise<void> | undefined;
  const close = async () => {
    closing ??= opened.close?.() ?? Promise.resolve();
    await closing;
  };
  return { data: opened.source, close };
}

async function describeFile(path: string, isChecked: boolean): Promise<Description> {
  let known: DescribedInstance = { path };
  try {
    await using file = await openDicomFile(path);
    const { sopClass, sopInstance, transferSyntax } = file;
    known = { path, transferSyntax, length: file.dataSet.length };
    if (sopClass !== undefined) known = { ...known, sopClass };
    if (sopInstance !== undefined) known = { ...known, sopInstance };
    if (isChecked) await file.checkDataSet();
    if (sopClass === undefined || sopInstance === undefined)
      throw new DataSetError('it names no SOP class and instance');
    const open = (buffer?: Uint8Array) => openFile({ path, sopClass, sopInstance, transferSyntax }, buffer);
    return { instance: { ...known, sopClass, sopInstance, transferSyntax, isRepeatable: true, open } };
  } catch (error) {
    return { instance: known, error: error as Error };
  }
}

/** @throws the system's error; DataSetError where the file is another one by now. */
async function openFile(
  { path, sopClass, sopInstance, transferSyntax }: InstanceFile,
  buffer?: Uint8Array,
): Promise<OpenInstance> {
  const file = await openDicomFile(path, buffer && { buffer });
  // Data would be sent as what they are not.
  const isSame =
    file.transferSyntax === transferSyntax &&
    (file.sopClass ?? sopClass) === sopClass &&
    (file.sopInstance ?? sopInstance) === sopInstance;
  if (isSame) return { data: file.source as PositionedSource | Uint8Array, close: () => file.close() };
  await file.close();
  throw new DataSetError(`${path} is not the instance ${sopInstance} in ${transferSyntax}`);
}
