// Garbage collection for programs that receive a lot of data. Import it before anything that allocates.

import { setFlagsFromString } from 'node:v8';

// Chunks of received data are needed only briefly. In a small young generation they are promoted to the old one, and only
// hundreds of full collections would free them. V8 enlarges the young generation only while much survives: once, at the
// start, when the modules load. So that one step must suffice.
setFlagsFromString('--semi-space-growth-factor=8');
