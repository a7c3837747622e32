// The instances to send: files, streams or bytes, which are described before they are read (PS3.7 §9.1.1).

import type { DataSource } from '@x/net';
import { isPlainObject, wrongReturn } from '@x/pdu/internal';
import { DataSetError } from '../data-set/data-set-error.ts';
import { DicomFile } from '../part10/dicom-file.ts';
import { isDiskSlow } from '../part10/disk-speed.ts';
import type { HeldFile, HeldFiles } from '../part10/held-files.ts';
import { openAtOnce, openUnchecked } from '../part10/open-dicom-file.ts';
import { isUid } from '../registry/uids.ts';
import type { InstanceKind } from '../services/storage.ts';

/** A file whose content is known, from an index for example. It is opened when its turn comes. */
export interface InstanceFile extends InstanceKind {
  /** SOP Instance UID. */
  readonly sopInstance: string;
  /** Path of the DICOM file. */
  readonly path: string;
  /** Length of its data set in bytes, if known. */
  readonly length?: number;
  /** The file itself, if it was found by `findDicomFiles` and is held: it is not opened again unless it is sent again. */
  readonly held?: HeldFile | undefined;
}

/**
 * An instance that is not a file. Its data are encoded in the transfer syntax. If the association is lost, data given by a
 * function are sent again; an async iterable can be read only once.
 */
export interface InstanceData extends InstanceKind {
  /** SOP Instance UID. */
  readonly sopInstance: string;
  /** The encoded data set without file meta information, or a function that gives it. */
  readonly data: DataSource | (() => DataSource | Promise<DataSource>);
}

/** An instance that is opened when its turn comes and closed after it was sent. */
export interface RetrievableInstance extends InstanceKind {
  /** SOP Instance UID. */
  readonly sopInstance: string;
  /**
   * Opens the `source` of the encoded data set, and gives `close` if it has to be closed.
   * @param buffer A file that fits into it is read at once. Do not change it until the instance is closed.
   */
  open(buffer?: Uint8Array): Promise<{ readonly source: DataSource; close?(): Promise<void> }>;
  /** The number of such instances that are opened while others are sent. Default: 2. More help if opening takes a network. */
  readonly openedAhead?: number | undefined;
}

/** An instance to send. A text is the path of a DICOM file. A DicomFile is opened again by its path. */
export type InstanceSource = string | DicomFile | InstanceFile | InstanceData | RetrievableInstance;

/** The properties of an instance that are known before it is read. */
export interface DescribedInstance {
  /** Path of the file, if the instance is one. */
  readonly path?: string;
  /** SOP Class UID, if known. */
  readonly sopClass?: string;
  /** SOP Instance UID, if known. */
  readonly sopInstance?: string;
  /** UID of the transfer syntax in which it is stored, if known. */
  readonly transferSyntax?: string;
  /** Length of its data set in bytes, if known. */
  readonly length?: number;
}

export interface SendableInstance extends DescribedInstance {
  readonly sopClass: string;
  readonly sopInstance: string;
  readonly transferSyntax: string;
  /** Whether its data can be read more than once. */
  readonly isRepeatable: boolean;
  /** See `RetrievableInstance.openedAhead`. */
  readonly openedAhead?: number | undefined;
  /** @param buffer See `RetrievableInstance.open`. */
  open(buffer?: Uint8Array): OpenInstance | Promise<OpenInstance>;
}

export interface OpenInstance {
  readonly data: DataSource;
  /** A promise only if closing has to be waited for. */
  close(): Promise<void> | undefined;
}

export type Description =
  | { readonly instance: SendableInstance; readonly error?: undefined }
  | { readonly instance: DescribedInstance; readonly error: Error };

/** Whether an instance can be described without reading it. */
export function isDescribed(source: InstanceSource): boolean {
  return typeof source !== 'string' && !(source instanceof DicomFile);
}

/**
 * Describes an instance. If only the path of a file is known, its head is read. An instance for which no presentation context
 * can be proposed is described with an error, because it would fail those that share its association. Never rejects.
 */
export function describeInstance(
  source: InstanceSource,
  isChecked: boolean,
  files: HeldFiles,
): Description | Promise<Description> {
  if (typeof source === 'string') return describeFile(source, isChecked, files).then(withUids);
  if (source instanceof DicomFile) return describeFile(source.path, isChecked, files).then(withUids);
  return withUids(described(source));
}

function withUids(description: Description): Description {
  const { sopClass = '', sopInstance = '', transferSyntax = '' } = description.instance;
  if (description.error) return description;
  const fault = uidFault('SOP Class UID', sopClass) ?? uidFault('Transfer Syntax UID', transferSyntax);
  if (fault !== undefined) return { instance: description.instance, error: new DataSetError(fault) };
  if (sopInstance === '')
    return { instance: description.instance, error: new DataSetError('SOP Instance UID is empty') };
  return description;
}

function uidFault(name: string, value: string): string | undefined {
  return isUid(value) ? undefined : `the ${name} ${JSON.stringify(value.slice(0, 80))} is not a UID`;
}

function described(source: Exclude<InstanceSource, string | DicomFile>): Description {
  const { sopClass, sopInstance, transferSyntax } = source;
  const known = { sopClass, sopInstance, transferSyntax };
  if ('path' in source) {
    const { path, length } = source;
    const described = { ...known, path, ...(length !== undefined && { length }) };
    return { instance: { ...described, isRepeatable: true, open: (buffer) => openFile(source, buffer) } };
  }
  if ('open' in source) {
    const described = { ...known, isRepeatable: true, openedAhead: source.openedAhead };
    return { instance: { ...described, open: (buffer) => openRetrievable(source, buffer) } };
  }
  const { data } = source;
  const isRepeatable = typeof data === 'function' || data instanceof Uint8Array || 'readv' in data;
  const open = () => (typeof data === 'function' ? openData(data) : { data, close: () => undefined });
  return { instance: { ...known, isRepeatable, open } };
}

async function openData(give: () => DataSource | Promise<DataSource>): Promise<OpenInstance> {
  return { data: await give(), close: () => undefined };
}

async function openRetrievable(instance: RetrievableInstance, buffer?: Uint8Array): Promise<OpenInstance> {
  const opened = await instance.open(buffer);
  if (!isPlainObject(opened) || opened.source === undefined) throw wrongReturn('open', opened, '{ source, close? }');
  let closing: Promise<void> | undefined;
  const close = async () => {
    closing ??= opened.close?.() ?? Promise.resolve();
    await closing;
  };
  return { data: opened.source, close };
}

async function describeFile(path: string, isChecked: boolean, files: HeldFiles): Promise<Description> {
  let known: DescribedInstance = { path };
  let file: DicomFile | undefined;
  try {
    file = await openUnchecked(path);
    const { sopClass, sopInstance, transferSyntax } = file;
    known = { path, transferSyntax, length: file.dataSet.length };
    if (sopClass !== undefined) known = { ...known, sopClass };
    if (sopInstance !== undefined) known = { ...known, sopInstance };
    if (isChecked) await file.checkDataSet();
    if (sopClass === undefined || sopInstance === undefined)
      throw new DataSetError('the file has no SOP Class UID or no SOP Instance UID');
    const { length } = file.dataSet;
    const described = { path, sopClass, sopInstance, transferSyntax, length, held: files.hold(file) };
    const open = (buffer?: Uint8Array) => openFile(described, buffer);
    return { instance: { ...known, sopClass, sopInstance, transferSyntax, isRepeatable: true, open } };
  } catch (error) {
    return { instance: known, error: error as Error };
  } finally {
    if (!file?.isKept) await file?.close();
  }
}

/** @throws the error of the system, or DataSetError if the file has been changed since it was described. */
function openFile(instance: InstanceFile, buffer?: Uint8Array): OpenInstance | Promise<OpenInstance> {
  const { held } = instance;
  if (held) {
    const close = () => held.close();
    try {
      const data = held.take(buffer);
      if (data instanceof Promise)
        return data.then(
          (read) => ({ data: read, close }),
          (error) => rejected(close(), error),
        );
      if (data) return { data, close };
    } catch (error) {
      const closing = close();
      if (closing) return rejected(closing, error);
      throw error;
    }
  }
  const options = buffer ? { buffer } : {};
  if (isDiskSlow()) return openUnchecked(instance.path, options).then((file) => sameInstance(instance, file));
  return sameInstance(instance, openAtOnce(instance.path, options));
}

async function rejected(closing: Promise<void> | undefined, error: unknown): Promise<never> {
  await closing;
  throw error;
}

/** @throws DataSetError if the file is not the instance, and closes it, or rejects with it */
function sameInstance(
  { path, sopClass, sopInstance, transferSyntax, length }: InstanceFile,
  file: DicomFile,
): OpenInstance | Promise<OpenInstance> {
  // The file may have been replaced since it was described.
  const isSame =
    file.transferSyntax === transferSyntax &&
    (file.sopClass ?? sopClass) === sopClass &&
    (file.sopInstance ?? sopInstance) === sopInstance;
  const found = file.dataSet.length;
  if (isSame && found === (length ?? found)) return { data: file.source, close: () => file.closeAtOnce() };
  // A shorter data set would reach the peer as if it were complete.
  const fault = isSame
    ? `${path} has changed: its data set has ${found} bytes, not ${length}`
    : `${path} is not the instance ${sopInstance} in ${transferSyntax}`;
  return rejected(file.closeAtOnce(), new DataSetError(fault));
}
