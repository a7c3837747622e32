// What the other packages of this project need of @x/pdu beside its root door. This door is outside semantic versioning:
// names here may change or go in any release. Applications should import from `@x/pdu`.

export { fragmentCapacity, P_DATA_HEADER_LENGTH, writePDataHeader } from './p-data.ts';
export { abortReasonOf } from './reasons.ts';
