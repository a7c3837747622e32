// Locks of instances by SOP Instance UID: any number may keep an instance at once, or one may remove its files.

export class InstanceLocks {
  /** How many keep an instance. */
  readonly #kept = new Map<string, number>();
  /** The instances whose files are being removed, each with the end of it. */
  readonly #removed = new Map<string, Promise<void>>();
  /** Those that wait until an instance is not kept any more. */
  readonly #waiting = new Map<string, (() => void)[]>();

  /** Waits while the files of the instance are being removed; undefined if they are not. Call `leave` at the end. */
  enter(sopInstance: string): Promise<void> | undefined {
    this.#kept.set(sopInstance, (this.#kept.get(sopInstance) ?? 0) + 1);
    return this.#removed.size === 0 ? undefined : this.#removed.get(sopInstance);
  }

  /** Returns whether the instance is not being kept any more. */
  leave(sopInstance: string): boolean {
    const others = (this.#kept.get(sopInstance) ?? 1) - 1;
    if (others > 0) {
      this.#kept.set(sopInstance, others);
      return false;
    }
    this.#kept.delete(sopInstance);
    for (const go of this.#waiting.get(sopInstance) ?? []) go();
    this.#waiting.delete(sopInstance);
    return true;
  }

  /** Runs a removal when the instance is not being kept. Calls of `enter` meanwhile wait for the end. */
  async removing(sopInstance: string, remove: () => Promise<void>): Promise<void> {
    while (this.#kept.has(sopInstance) || this.#removed.has(sopInstance))
      await (this.#removed.get(sopInstance) ?? this.#isFree(sopInstance));
    const removal = remove().finally(() => this.#removed.delete(sopInstance));
    this.#removed.set(
      sopInstance,
      removal.catch(() => {}),
    );
    await removal;
  }

  #isFree(sopInstance: string): Promise<void> {
    return new Promise((resolve) => {
      this.#waiting.set(sopInstance, [...(this.#waiting.get(sopInstance) ?? []), resolve]);
    });
  }
}
