// Compilation in commands, most of which end within a second. Import it before anything that is compiled.

import { setFlagsFromString } from 'node:v8';

// V8 compiles optimized code for a function after this much of its bytecode has run (in bytes; the default is 67,584). In a
// transfer of 1,000 instances that took a quarter of the time, for code that the command then used for half a second. Three
// times as much saves most of that, and costs transfers of any length less than they save; nine times as much costs long
// ones a third.
//
// The V8 of later versions of Node.js compiles with its quick compiler first, does not have this flag, and says so on stderr.
if (process.versions.node.startsWith('20.')) setFlagsFromString('--interrupt-budget=200000');
