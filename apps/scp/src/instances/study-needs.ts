// Tells who still needs a study, so that nothing is deleted that a retrieval, a commitment or a forwarding waits for.

/** Says why a study must be kept for now, in words that follow “the study is needed”: `for forwarding to PACS`. */
export type StudyNeed = (study: string) => string | undefined | Promise<string | undefined>;

/** The needs of studies. Parts of the archive that work with studies later add theirs. */
export class StudyNeeds {
  readonly #needs: StudyNeed[] = [];
  #uses: SharedStudyUses | undefined;
  /** The last change of each study that other processes are being told of. */
  readonly #telling = new Map<string, Promise<void>>();
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

  /** Tells other processes of the studies that retrievals use here, and asks for those that are used there. */
  shareUses(uses: SharedStudyUses): void {
    this.#uses = uses;
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
        this.#tell(study);
      },
      end: () => {
        for (const study of studies) {
          this.#onUse(study);
          const others = (this.#used.get(study) ?? 1) - 1;
          if (others > 0) this.#used.set(study, others);
          else this.#used.delete(study);
          this.#tell(study);
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
    if (await this.#uses?.isUsed(study)) return RETRIEVED;
    // Last, without a wait behind it.
    return this.#used.has(study) ? RETRIEVED : undefined;
  }

  /**
   * One change after the other; each tells the state that the study has then. Retrievals do not wait for it, and go on if it
   * fails: the objects of a study that is deleted at the same moment are removed later than any retrieval ends.
   */
  #tell(study: string): void {
    const uses = this.#uses;
    if (!uses) return;
    const before = this.#telling.get(study) ?? Promise.resolve();
    const telling = before
      .then(() => (this.#used.has(study) ? uses.begin(study) : uses.end(study)))
      .catch(() => {})
      .then(() => {
        if (this.#telling.get(study) === telling) this.#telling.delete(study);
      });
    this.#telling.set(study, telling);
  }
}

const RETRIEVED = 'for a retrieval in progress';

/** The studies that retrievals use in all processes of an archive. */
export interface SharedStudyUses {
  /** Tells that this process uses a study. */
  begin(study: string): Promise<void>;
  end(study: string): Promise<void>;
  /** Whether any process uses a study. */
  isUsed(study: string): Promise<boolean>;
}

/** The studies that one retrieval uses. */
export interface StudyUse {
  add(study: string): void;
  end(): void;
}
