// The limits and timeouts of an Upper Layer connection, checked and complete.

import { checkOptions, DEFAULT_MAXIMUM_LENGTH } from '@x/pdu/internal';
import { type Timeouts, timeoutsOf } from '../timeouts.ts';
import { CONNECTION_OPTIONS, type ConnectionOptions, DEFAULT_HIGH_WATER_MARK } from './connection-options.ts';

/** The limits and timeouts of a connection: the same for all connections of a listener, which prepares them once. */
export interface ConnectionSettings {
  readonly maximumLength: number;
  readonly highWaterMark: number;
  readonly minimumRate: number;
  readonly strict: boolean;
  readonly timeouts: Timeouts;
}

/** The limits and timeouts of a connection with their defaults. @throws OptionError; RangeError. */
export function connectionSettings(options: ConnectionOptions): ConnectionSettings {
  const {
    maximumLength = DEFAULT_MAXIMUM_LENGTH,
    highWaterMark = DEFAULT_HIGH_WATER_MARK,
    minimumRate = 0,
    strict = false,
    timeouts,
  } = checkOptions<ConnectionOptions>(CONNECTION_OPTIONS, options);
  return { maximumLength, highWaterMark, minimumRate, strict, timeouts: timeoutsOf(timeouts) };
}
