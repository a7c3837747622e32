// Writes the manual page into the build.

import { writeFileSync } from 'node:fs';
import { scpManual } from './manual.ts';

writeFileSync(new URL('../dist/dimse-scp.1', import.meta.url), scpManual());
