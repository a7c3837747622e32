// Instances as DICOM files in a store with the S3 interface. Each attempt to keep an instance has an object of its own, which is
// always new: the row of the index decides which one is the instance. See `object-key.ts` for the keys.

import { type DicomFile, DimseError, type IncomingData, isUid, Status } from '@x/dimse';
import { encodeFileMetaInformation, openDicomSource, PREAMBLE_LENGTH } from '@x/dimse/data-set';
import { INDEXED_TAGS } from '../archive-index/indexed-attributes.ts';
import { type Coercion, coercedData } from '../coercion.ts';
import type {
  Grow,
  InstanceDescription,
  InstanceKey,
  KeptInstance,
  SharedInstanceStore,
  Sweep,
  SweepOptions,
  SweptIndex,
} from '../instance-store.ts';
import { type ReceivedInstance, receive } from '../received-instance.ts';
import { newObjectKey } from './object-key.ts';
import { ObjectReader, WHOLE_LENGTH } from './object-reader.ts';
import { isMissing, ObjectStoreError, objectStorageError } from './object-store-error.ts';
import { type ObjectStoreKeys, objectStoreKeys, parseObjectStoreUrl } from './object-store-url.ts';
import { ObjectUpload, OFFSET_HEADER, PART_LENGTH } from './object-upload.ts';
import { sweepOrphans } from './orphan-sweep.ts';
import { ReadAhead } from './read-ahead.ts';
import { type S3Answer, S3Client, type S3Limits } from './s3-client.ts';
import { UploadMemory } from './upload-memory.ts';

export interface S3StoreOptions extends S3Limits {
  /** The tags of the attributes that `keep` extracts. Default: those of the index. */
  readonly tags?: ReadonlySet<number>;
  /** Changes instances before they are kept. */
  readonly coercion?: Coercion | undefined;
  /** Bytes of all instances that are in memory while they are stored, at least 10 MiB. Default: 256 MiB. */
  readonly uploadMemory?: number;
  /** Bytes of all instances that are read ahead while they are sent, from 0 on. Default: 128 MiB. */
  readonly readAhead?: number;
  /** Default: those of the environment. */
  readonly keys?: ObjectStoreKeys;
}

/** A store of instances in objects. The `file` of an instance is the key of its object below the prefix. */
export interface ObjectInstanceStore extends SharedInstanceStore, AsyncDisposable {
  /** Throws unless the store answers. @throws ObjectStoreError; the reason of the signal */
  check(signal?: AbortSignal): Promise<void>;
}

/**
 * Opens the store at a URL: see `parseObjectStoreUrl`. The bucket must exist. It is not asked until it is used.
 * @throws UsageError if the URL is wrong, or the environment has no access keys; RangeError if an option is out of range
 */
export async function openS3InstanceStore(url: string, options: S3StoreOptions = {}): Promise<ObjectInstanceStore> {
  const place = parseObjectStoreUrl(url);
  return new S3InstanceStore(await S3Client.open(place, options.keys ?? objectStoreKeys(), options), options);
}

class S3InstanceStore implements ObjectInstanceStore {
  /** A request takes as long as several of the network to the peer. */
  readonly openedAhead = 8;
  readonly #client: S3Client;
  readonly #tags: ReadonlySet<number>;
  readonly #coercion: Coercion | undefined;
  readonly #memory: UploadMemory;
  readonly #readAhead: ReadAhead;

  constructor(client: S3Client, options: S3StoreOptions) {
    const { tags = INDEXED_TAGS, coercion, uploadMemory = UPLOAD_MEMORY, readAhead = READ_AHEAD } = options;
    this.#client = client;
    this.#tags = tags;
    this.#coercion = coercion;
    this.#memory = new UploadMemory(uploadMemory, PART_LENGTH);
    this.#readAhead = new ReadAhead(readAhead);
  }

  async keep(instance: InstanceDescription, data: IncomingData, grow?: Grow): Promise<KeptInstance> {
    if (!isUid(instance.sopInstance))
      throw new DimseError(Status.InvalidSopInstance, { errorComment: 'the SOP Instance UID is not a UID' });
    const upload = this.#newUpload(instance);
    try {
      const received = await receive(instance, data, upload, this.#tags);
      const coerced = this.#coercion?.isInUse && (await this.#keepCoerced(instance, received, upload, grow));
      if (!coerced) {
        await upload.finish();
        return kept(instance, received, upload);
      }
      await upload.discard();
      return coerced;
    } catch (error) {
      await upload.discard();
      throw objectStorageError(error);
    }
  }

  async open({ file, sopInstance }: InstanceKey, buffer?: Uint8Array): Promise<DicomFile> {
    if (file === undefined) throw notThere(sopInstance);
    const reader = await ObjectReader.open(file, this.#client, this.#readAhead);
    // Of a longer one only the head is read now, into a buffer of its own.
    const isWhole = reader.length <= WHOLE_LENGTH;
    const own = isWhole ? (buffer?.subarray(0, reader.length) ?? NOTHING) : undefined;
    const whole = own && own.length < reader.length ? Buffer.allocUnsafeSlow(reader.length) : own;
    return openDicomSource(reader, this.#nameOf(file), whole?.length ? { buffer: whole } : {});
  }

  async has({ file }: InstanceKey): Promise<boolean> {
    return file !== undefined && (await this.#head(file)) !== undefined;
  }

  async isWhole({ file }: InstanceKey, length: number): Promise<boolean> {
    const answer = file === undefined ? undefined : await this.#head(file);
    if (!answer) return false;
    const { 'content-length': whole, [OFFSET_HEADER]: offset } = answer.headers;
    const found = Number(whole) - length;
    // A copy of a bucket may have lost the metadata.
    return offset === undefined ? found > PREAMBLE_LENGTH && found <= LONGEST_META : found === Number(offset);
  }

  async remove({ file }: InstanceKey): Promise<void> {
    if (file !== undefined) await this.#client.call({ method: 'DELETE', key: file }).catch(ignoreMissing);
  }

  sweep(index: SweptIndex, options: SweepOptions): Promise<Sweep> {
    return sweepOrphans(this.#client, index, options);
  }

  /** There are no folders, and a removal is final when it is answered. */
  async removed(): Promise<void> {}

  async check(signal?: AbortSignal): Promise<void> {
    await this.#client.call({ method: 'HEAD' }, signal);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#client[Symbol.dispose]();
  }

  #newUpload(instance: InstanceDescription): ObjectUpload {
    return new ObjectUpload(newObjectKey(instance.sopInstance), {
      client: this.#client,
      memory: this.#memory,
      dataSetOffset: encodeFileMetaInformation(instance).length,
    });
  }

  /** Keeps an instance as it is to be changed; undefined if it is not to be. */
  async #keepCoerced(
    instance: InstanceDescription,
    received: ReceivedInstance,
    arrived: ObjectUpload,
    grow: Grow | undefined,
  ): Promise<KeptInstance | undefined> {
    if (!arrived.source) await arrived.finish();
    const { source } = arrived;
    const open = () =>
      source
        ? openDicomSource(source, this.#nameOf(arrived.key))
        : this.open({ ...received, ...instance, file: arrived.key });
    const plan = await this.#coercion?.planFor(instance, received.attributes, open);
    if (!plan) return undefined;
    const upload = this.#newUpload(instance);
    try {
      await using file = await open();
      const coerced = await receive(instance, coercedData(file, plan), upload, this.#tags);
      if (coerced.length > received.length) grow?.(coerced.length - received.length);
      await upload.finish();
      const { deviations } = received;
      return { ...kept(instance, { ...coerced, ...(deviations && { deviations }) }, upload), coerced: plan.tags };
    } catch (error) {
      await upload.discard();
      throw error;
    }
  }

  /** The head of an object; undefined if it does not exist. */
  async #head(key: string): Promise<S3Answer | undefined> {
    return this.#client.call({ method: 'HEAD', key }).catch(ignoreMissing);
  }

  #nameOf(key: string): string {
    return `s3://${this.#client.place.bucket}/${this.#client.fullKey(key)}`;
  }
}

function kept({ sopInstance }: InstanceDescription, received: ReceivedInstance, { key }: ObjectUpload): KeptInstance {
  return { ...received, sopInstance, file: key, isDuplicate: false, isReplacement: false };
}

function ignoreMissing(error: unknown): undefined {
  if (isMissing(error)) return undefined;
  throw error;
}

function notThere(sopInstance: string): ObjectStoreError {
  return new ObjectStoreError(`the instance ${sopInstance} has no object`, { reason: 'ENOENT', status: 404 });
}

const UPLOAD_MEMORY = 256 * 1024 * 1024;
const READ_AHEAD = 128 * 1024 * 1024;
/** Bytes: the meta information of an instance has some hundred. */
const LONGEST_META = 4096;
const NOTHING = new Uint8Array(0);
