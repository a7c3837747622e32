// Imported before all else: what is received is collected as soon as it is written.

import { setFlagsFromString } from 'node:v8';

// The young generation grows when much is allocated, and chunks of received data, which live for a moment, then live
// long enough to grow old. Full collections, hundreds of them, would clear them away.
setFlagsFromString('--semi-space-growth-factor=1');
