// Names for the other packages of this project. This door is outside semantic versioning: names may change or be removed
// in any release. Applications should import from `@x/pdu`.

export {
  aListOf,
  aNumber,
  anAeTitle,
  anObjectOf,
  anything,
  aSignal,
  aValueOf,
  aWindow,
  checkOptions,
  type OptionRule,
  type OptionRules,
  type OptionTable,
  optionsIn,
  rulesWithout,
  shown,
} from './check-options.ts';
export { CodedError } from './coded-error.ts';
export { DEFAULT_MAXIMUM_LENGTH, IMPLEMENTATION_CLASS_UID, IMPLEMENTATION_VERSION_NAME } from './implementation.ts';
export { lazily } from './lazily.ts';
export { nearestWord } from './nearest-word.ts';
export { ownGetter } from './own-getter.ts';
export { fragmentCapacity, P_DATA_HEADER_LENGTH, writePDataHeader } from './p-data.ts';
export { abortReasonOf } from './reasons.ts';
export { isPlainObject, ReturnValueError, wrongReturn } from './return-value-error.ts';
