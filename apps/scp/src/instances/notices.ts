// Log lines and counts of instances that the archive keeps although they are unusual: values that cannot be read, patients
// that share a study, deviations from the standard.

import type { Logger } from '@x/cli/logger';
import type { DataSetWarning } from '@x/dimse/data-set';
import type { InstanceKey } from './instance-store.ts';

export type Notice =
  | {
      readonly kind: 'unreadable attributes';
      readonly instance: InstanceKey;
      /** Each element with the reason. */
      readonly faults: readonly string[];
    }
  /** The instance is the first one of its study with another patient. */
  | { readonly kind: 'second patient'; readonly instance: InstanceKey }
  | {
      readonly kind: 'deviations';
      readonly instance: InstanceKey;
      readonly sourceAeTitle: string;
      /** Those of its data set that were tolerated at reception: one for each code. */
      readonly deviations: readonly DataSetWarning[];
    };

export type NoticeListener = (notice: Notice) => void;

/** Logs notices and counts them. They do not change the status of C-STORE: the standard has no warning for them. */
export class Notices {
  readonly #logger: Logger;
  readonly #counts: Record<Notice['kind'], number> = {
    'unreadable attributes': 0,
    'second patient': 0,
    deviations: 0,
  };

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
    if (notice.kind === 'deviations') {
      // All instances of a device may deviate in the same way.
      if (this.#counts.deviations > MOST_DEVIATING) return;
      const { sourceAeTitle, deviations } = notice;
      const words = deviations.map(({ message, count }) => (count > 1 ? `${message} (${count} times)` : message));
      const last = this.#counts.deviations === MOST_DEVIATING ? '; further instances are only counted' : '';
      this.#logger.warn(
        { ...line, sourceAeTitle, deviations: words },
        `instance ${sopInstance} of ${sourceAeTitle} deviates from the standard: ${words.join('; ')}${last}`,
      );
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
/** The number of deviating instances since the start that are logged. */
const MOST_DEVIATING = 1000;
