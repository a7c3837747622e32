// The function `gc`, by which received data are freed with less work. For programs that receive a lot of data.

import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

// The flag has effect in the contexts that are made after it. Without it, @x/net fills the young generation instead.
setFlagsFromString('--expose-gc');
globalThis.gc ??= runInNewContext('gc') as NonNullable<typeof globalThis.gc>;
setFlagsFromString('--no-expose-gc');
