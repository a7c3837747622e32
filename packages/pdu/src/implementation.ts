// The identifiers of this implementation, which peers log: PS3.7 Annex D.3.3.2.

/** Our Implementation Class UID; under 2.25, whose numbers are UUIDs (PS3.5 Annex B.2). */
export const IMPLEMENTATION_CLASS_UID = '2.25.301788927438904217749526401356072836142';

/** Our Implementation Version Name: 1 to 16 characters. */
export const IMPLEMENTATION_VERSION_NAME = 'X_DIMSE_0_1';

/** The default maximum length of PDUs to announce, in bytes. Large PDUs cost less per byte. */
export const DEFAULT_MAXIMUM_LENGTH = 256 * 1024;
