// Log lines and counts of instances that the archive keeps although they are unusual: values that cannot be read, patients
// that share a study.

import type { Logger } from '@x/cli/logger';
import type { InstanceKey } from './instance-store.ts';

export type Notice =
  | {
      readonly kind: 'unreadable attributes';
      readonly instance: InstanceKey;
      /** Each element with the reason. */
      readonly faults: readonly string[];
    }
  /** The instance is the first one of its study with another patient. */
  | { readonly kind: 'second patient'; readonly instance: InstanceKey };

export type NoticeListener = (notice: Notice) => void;

/** Logs notices and counts them. They do not change the status of C-STORE: the standard has no warning for them. */
export class Notices {
  readonly #logger: Logger;
  readonly #counts: Record<Notice['kind'], number> = { 'unreadable attributes': 0, 'second patient': 0 };

  constructor(logger: Logger) {
    this.#logger = logger;
  }

  /** The number of instances by kind of notice, since the start. */
  get counts(): Readonly<Record<Notice['kind'], number>> {
    return this.#counts;
  }

  readonly tell: NoticeListener = (notice) => {
    this.#counts[notice.kind]++;
    const { study, series, sopInstance } = notice.instance;
    const line = { event: 'noticed', kind: notice.kind, study, series, sopInstance };
    if (notice.kind === 'second patient') {
      const words = `has another patient than other instances of its study ${study}; the study is found under both`;
      this.#logger.warn(line, `instance ${sopInstance} ${words}`);
      return;
    }
    const { faults } = notice;
    const shown = faults.slice(0, SHOWN).join('; ');
    const others = faults.length > SHOWN ? `; and ${faults.length - SHOWN} more` : '';
    this.#logger.warn(
      { ...line, faults },
      `instance ${sopInstance} cannot be found by all of its attributes: ${shown}${others}`,
    );
  };
}

const SHOWN = 3;
