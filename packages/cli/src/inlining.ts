// Compilation in programs that do the same for each of many instances. Import it before anything that is compiled.

import { setFlagsFromString } from 'node:v8';

// V8 copies the functions that a hot function calls into it. Many functions take part in each instance here, so most of them
// are compiled again as parts of several others: that took a fifth of the time of the first thousands. Half as much inlining
// costs the compiled code nothing that can be measured. The number is the length of the inlined bytecode; V8 has 920.
setFlagsFromString('--max-inlined-bytecode-size-cumulative=400');
