// A disk as a trace of system calls leaves it, to be turned off at any moment. It promises only what POSIX promises: bytes
// and lengths are on disk after a sync of the file, names after a sync of their folder. Everything else may be lost or kept,
// in any order.

import { mkdirSync, writeFileSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import type { SystemCall, TraceStep } from './system-call-trace.ts';

/** Whether a change that was not synced is kept. */
export type Keeps = () => boolean;

type Change = { readonly at: number; readonly bytes: Buffer } | { readonly length: number };

class RecordedFile {
  readonly changes: Change[] = [];
  synced = 0;
  length = 0;

  change(change: Change): void {
    this.changes.push(change);
    this.length = 'length' in change ? change.length : Math.max(this.length, change.at + change.bytes.length);
  }
}

class RecordedFolder {
  readonly entries = new Map<string, RecordedFile | RecordedFolder>();
  readonly changes: { readonly name: string; readonly entry: RecordedFile | RecordedFolder | undefined }[] = [];
  synced = 0;

  set(name: string, entry: RecordedFile | RecordedFolder | undefined): void {
    if (entry) this.entries.set(name, entry);
    else this.entries.delete(name);
    this.changes.push({ name, entry });
  }
}

interface OpenFile {
  readonly entry: RecordedFile | RecordedFolder;
  position: number;
  readonly appends: boolean;
}

export class RecordedDisk {
  readonly #top: string;
  readonly #root = new RecordedFolder();
  readonly #open = new Map<number, OpenFile>();
  /** How much of a file or folder existed when a sync began. */
  readonly #begun = new Map<number, number>();

  /** @param top an empty folder, which itself survives */
  constructor(top: string) {
    this.#top = top;
  }

  /** Takes the next step of the trace. Returns the bytes that it sends to a peer. */
  take({ is, call }: TraceStep): Buffer | undefined {
    const file = this.#open.get(Number(call.arguments[0]));
    const isSync = call.name === 'fsync' || call.name === 'fdatasync';
    if (is === 'begin') {
      if (isSync && file) this.#begun.set(call.number, file.entry.changes.length);
      // A response may have arrived as soon as it is being sent.
      const isSent = /^(?:write|writev|sendto|sendmsg)$/.test(call.name) && !file && Number(call.arguments[0]) > 2;
      return isSent ? Buffer.concat(call.strings) : undefined;
    }
    if (isSync && file) file.entry.synced = Math.max(file.entry.synced, this.#begun.get(call.number) ?? 0);
    else if (file) this.#write(call, file);
    this.#name(call);
    return undefined;
  }

  /** Writes the disk to a folder as it is after a power failure at this moment. */
  writeTo(folder: string, keeps: Keeps): void {
    writeFolder(this.#root, folder, keeps);
  }

  #write(call: SystemCall, file: OpenFile): void {
    const { name, result } = call;
    if (name === 'close') this.#open.delete(Number(call.arguments[0]));
    if (!(file.entry instanceof RecordedFile)) return;
    if (name === 'ftruncate') file.entry.change({ length: Number(call.arguments[1]) });
    if (!/^p?write(?:v|64)?$/.test(name)) return;
    const isPlaced = name.startsWith('p');
    const at = isPlaced ? Number(call.arguments.at(-1)) : file.appends ? file.entry.length : file.position;
    const bytes = Buffer.concat(call.strings).subarray(0, result);
    if (bytes.length !== result) throw new Error(`the trace has ${bytes.length} of ${result} bytes`);
    file.entry.change({ at, bytes });
    if (!isPlaced) file.position = at + result;
  }

  #name({ name, arguments: given, strings, result }: SystemCall): void {
    const [first, second] = strings.map((path) => this.#place(path.toString()));
    if (name === 'openat' || name === 'open')
      this.#opened(first, given.find((each) => /O_(?:RD|WR)/.test(each)) ?? '', result);
    if (!first) return;
    if (name.startsWith('mkdir')) first.folder.set(first.name, new RecordedFolder());
    if (name.startsWith('unlink')) first.folder.set(first.name, undefined);
    if (!second || !/^(?:link|rename)/.test(name)) return;
    second.folder.set(second.name, first.folder.entries.get(first.name));
    if (name.startsWith('rename')) first.folder.set(first.name, undefined);
  }

  #opened(place: Place | undefined, flags: string, descriptor: number): void {
    this.#open.delete(descriptor);
    if (!place) return;
    let entry = place.name === '' ? place.folder : place.folder.entries.get(place.name);
    if (!entry && flags.includes('O_CREAT')) {
      entry = new RecordedFile();
      place.folder.set(place.name, entry);
    }
    if (!entry) return;
    if (flags.includes('O_TRUNC') && entry instanceof RecordedFile && entry.length > 0) entry.change({ length: 0 });
    this.#open.set(descriptor, { entry, position: 0, appends: flags.includes('O_APPEND') });
  }

  /** The folder and the name that a path has below the top; undefined if it is elsewhere. */
  #place(path: string): Place | undefined {
    const below = relative(this.#top, path);
    if (below.startsWith('..')) return undefined;
    const names = below.split(sep);
    const name = names.pop() ?? '';
    let folder = this.#root;
    for (const each of names) {
      const next = folder.entries.get(each);
      if (!(next instanceof RecordedFolder)) return undefined;
      folder = next;
    }
    return { folder, name };
  }
}

interface Place {
  readonly folder: RecordedFolder;
  readonly name: string;
}

function writeFolder(folder: RecordedFolder, path: string, keeps: Keeps): void {
  const entries = new Map<string, RecordedFile | RecordedFolder>();
  for (const [number, { name, entry }] of folder.changes.entries()) {
    if (number >= folder.synced && !keeps()) continue;
    if (entry) entries.set(name, entry);
    else entries.delete(name);
  }
  mkdirSync(path, { recursive: true });
  for (const [name, entry] of entries)
    if (entry instanceof RecordedFolder) writeFolder(entry, join(path, name), keeps);
    else writeFileSync(join(path, name), contentOf(entry, keeps));
}

const SECTOR = 512;

function contentOf(file: RecordedFile, keeps: Keeps): Buffer {
  let content = Buffer.alloc(0);
  const extend = (length: number) => {
    if (length > content.length) content = Buffer.concat([content, Buffer.alloc(length - content.length)]);
  };
  for (const [number, change] of file.changes.entries()) {
    const isSynced = number < file.synced;
    if ('length' in change) {
      if (!isSynced && !keeps()) continue;
      extend(change.length);
      content = content.subarray(0, change.length);
      continue;
    }
    const { at, bytes } = change;
    // A write may be torn between sectors.
    for (let from = at; from < at + bytes.length; ) {
      const to = Math.min(at + bytes.length, (Math.floor(from / SECTOR) + 1) * SECTOR);
      if (isSynced || keeps()) {
        extend(to);
        bytes.copy(content, from, from - at, to - at);
      }
      from = to;
    }
  }
  return Buffer.from(content);
}
