// The tags that this package reads and writes itself (PS3.6 §6), and the delimiters of sequences (PS3.5 §7.5).

export const SPECIFIC_CHARACTER_SET = 0x00080005;
/** The tag (0008,0016). */
export const SOP_CLASS_UID = 0x00080016;
/** The tag (0008,0018). */
export const SOP_INSTANCE_UID = 0x00080018;
/** The tag (0020,000D). */
export const STUDY_INSTANCE_UID = 0x0020000d;
/** The tag (0020,000E). */
export const SERIES_INSTANCE_UID = 0x0020000e;
export const BITS_ALLOCATED = 0x00280100;
export const PIXEL_REPRESENTATION = 0x00280103;
export const PIXEL_DATA = 0x7fe00010;

export const ITEM = 0xfffee000;
export const ITEM_END = 0xfffee00d;
export const SEQUENCE_END = 0xfffee0dd;
/** The length of an element that ends with a delimiter instead (PS3.5 §7.1.2). */
export const UNDEFINED_LENGTH = 0xffffffff;
