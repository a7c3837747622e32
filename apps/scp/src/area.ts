// An area as the configuration file has it.

import type { Options } from './options.ts';

/** An area as the configuration file has it. */
export interface AreaSettings {
  readonly aet: string;
  /** The name of its folder in `areas` below the data folder. */
  readonly folder: string;
  /** The options that the area has itself, with its rights; the others are those of the archive. */
  readonly options: Partial<Options>;
  /** Its position in the configuration file: `file:line:column`. */
  readonly place: string;
}
