// Chooses the names of files for instances that arrive, so that an instance has one file, and a file one instance.
//
// An instance keeps the file that it has, whatever the template says now. If a name is taken by another instance, the file goes
// to the default layout, whose names are made of all three UIDs.

import type { UntypedDataSet } from '@x/dimse';
import type { FileNames } from './archive-index/archive-index.ts';
import type { FileNameTemplate } from './file-name-template.ts';
import type { InstanceKey } from './instance-store.ts';

/** The instance of an existing file, `damaged` if it is not a complete instance, or undefined if there is no file. */
export type Identify = (instance: InstanceKey) => Promise<InstanceKey | 'damaged' | undefined>;

export class FileNaming {
  readonly #names: FileNames;
  readonly #template: FileNameTemplate | undefined;
  /** Whether `choose` may choose a name. */
  readonly isInUse: boolean;
  /** The choices for instances that are being kept, by SOP Instance UID and then by identity. */
  readonly #chosen = new Map<string, Map<string, string | undefined>>();
  /** The identities that these names belong to. */
  readonly #owners = new Map<string, string>();

  /** @param hasNamedFiles Whether an instance may have a file that the template of an earlier process named. */
  constructor(names: FileNames, template: FileNameTemplate | undefined, hasNamedFiles: boolean) {
    this.#names = names;
    this.#template = template;
    this.isInUse = template !== undefined || hasNamedFiles;
  }

  get hasTemplate(): boolean {
    return this.#template !== undefined;
  }

  /** The name for an instance; undefined in the default layout. Call `release` when it is entered or refused. */
  async choose(key: InstanceKey, attributes: UntypedDataSet, identify: Identify): Promise<string | undefined> {
    if (!this.isInUse) return undefined;
    const identity = identityOf(key);
    const before = () => this.#chosen.get(key.sopInstance);
    if (before()?.has(identity)) return before()?.get(identity);
    const name = await this.#find(key, attributes, identify);
    // Another reception of the instance may have chosen meanwhile.
    if (before()?.has(identity)) return before()?.get(identity);
    const isTaken = name !== undefined && (this.#owners.get(folded(name)) ?? identity) !== identity;
    const chosen = isTaken ? undefined : name;
    if (chosen !== undefined) this.#owners.set(folded(chosen), identity);
    this.#chosen.set(key.sopInstance, (before() ?? new Map()).set(identity, chosen));
    return chosen;
  }

  /** Forgets the choices for a SOP instance that is not being kept any more. */
  release(sopInstance: string): void {
    for (const name of this.#chosen.get(sopInstance)?.values() ?? [])
      if (name !== undefined) this.#owners.delete(folded(name));
    this.#chosen.delete(sopInstance);
  }

  async #find(key: InstanceKey, attributes: UntypedDataSet, identify: Identify): Promise<string | undefined> {
    const entry = await this.#names.find(key);
    if (entry) return entry.file;
    // After a crash or while the index is made again, a file may have no entry yet.
    if (!this.#template || (await identify(key)) !== undefined) return undefined;
    const file = this.#template.nameOf(key, attributes);
    const found = await identify({ ...key, file });
    const owner = found === 'damaged' || found === undefined ? await this.#names.ownerOf(file) : found;
    return owner === undefined || identityOf(owner) === identityOf(key) ? file : undefined;
  }
}

function identityOf({ study, series, sopInstance }: InstanceKey): string {
  return `${study} ${series} ${sopInstance}`;
}

/** Some file systems do not distinguish case. */
function folded(name: string): string {
  return name.toLowerCase();
}
