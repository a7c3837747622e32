// Tells who still needs a study, so that nothing is deleted that a retrieval, a commitment or a forwarding waits for.

/** Says why a study must be kept for now, in words that follow “the study is needed”: `for forwarding to PACS`. */
export type StudyNeed = (study: string) => string | undefined | Promise<string | undefined>;

/** The needs of studies. Parts of the archive that work with studies later add theirs. */
export class StudyNeeds {
  readonly #needs: StudyNeed[] = [];
  /** How many use each study now. */
  readonly #used = new Map<string, number>();
  readonly #onUse: (study: string) => void;

  /** @param onUse Called when a retrieval begins and ends to use a study. */
  constructor(onUse: (study: string) => void = () => {}) {
    this.#onUse = onUse;
  }

  /** Asks this function too, before a study is deleted. */
  add(need: StudyNeed): void {
    this.#needs.push(need);
  }

  /** Notes studies that a retrieval uses, until it ends. */
  beginUse(): StudyUse {
    const studies = new Set<string>();
    return {
      add: (study) => {
        if (studies.has(study)) return;
        studies.add(study);
        this.#used.set(study, (this.#used.get(study) ?? 0) + 1);
        this.#onUse(study);
      },
      end: () => {
        for (const study of studies) {
          this.#onUse(study);
          const others = (this.#used.get(study) ?? 1) - 1;
          if (others > 0) this.#used.set(study, others);
          else this.#used.delete(study);
        }
        studies.clear();
      },
    };
  }

  /** Why a study is needed now; undefined if it is not. @throws what a need throws */
  async of(study: string): Promise<string | undefined> {
    for (const need of this.#needs) {
      const why = await need(study);
      if (why !== undefined) return why;
    }
    // Last, without a wait behind it.
    return this.#used.has(study) ? 'for a retrieval in progress' : undefined;
  }
}

/** The studies that one retrieval uses. */
export interface StudyUse {
  add(study: string): void;
  end(): void;
}
