// Writes the manual page into the build.

import { writeFileSync } from 'node:fs';
import { scuManual } from './manual.ts';

writeFileSync(new URL('../dist/dimse-scu.1', import.meta.url), scuManual());
