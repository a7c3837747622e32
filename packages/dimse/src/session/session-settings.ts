// The options of a session, checked and complete. An SCP prepares them once for all of its sessions.

import { checkOptions } from '@x/pdu/internal';
import { ATTRIBUTE_LIST_LIMITS, completedLimits, type DataSetLimits } from '../data-set/data-set-limits.ts';
import { type DataSetCodec, standardDataSetCodec } from '../data-set/dataset.ts';
import { SESSION_OPTIONS } from './option-tables.ts';
import {
  DEFAULT_SESSION_TIMEOUTS,
  limitsOf,
  type SessionLimits,
  type SessionOptions,
  type SessionTimeouts,
} from './session-options.ts';

export interface SessionSettings {
  readonly codec: DataSetCodec;
  readonly timeouts: SessionTimeouts;
  readonly limits: SessionLimits;
  /** The limits on the data sets of responses. */
  readonly responseLimits: DataSetLimits;
  /** The limits on data sets that were given. */
  readonly dataSetLimits: Partial<DataSetLimits>;
  readonly onUnknownCommand: SessionOptions['onUnknownCommand'];
}

/** @throws OptionError. */
export function sessionSettings(options: SessionOptions): SessionSettings {
  checkOptions(SESSION_OPTIONS, options);
  const { codec = standardDataSetCodec, onUnknownCommand } = options;
  return {
    codec,
    timeouts: { ...DEFAULT_SESSION_TIMEOUTS, ...options.timeouts },
    limits: limitsOf(options),
    responseLimits: completedLimits(ATTRIBUTE_LIST_LIMITS, options),
    dataSetLimits: options,
    onUnknownCommand,
  };
}
