// Garbage collection for programs that receive a lot of data. Import it before anything that allocates.

import { setFlagsFromString } from 'node:v8';

// V8 enlarges the young generation when a program allocates much. Chunks of received data, which are needed only briefly,
// would then be promoted to the old generation, and only hundreds of full collections would free them.
setFlagsFromString('--semi-space-growth-factor=1');
