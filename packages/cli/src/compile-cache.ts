// Keeps what V8 has compiled for the next run of a command, on versions of Node.js that can (22.8 and later).

import module from 'node:module';
import { homedir } from 'node:os';
import { join } from 'node:path';

// The files in it are run, so it is a folder of the user and not the shared one for temporary files. A folder that cannot be
// written is passed over. NODE_DISABLE_COMPILE_CACHE turns the cache off.
export const cacheFolder = join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'dimse');
const { enableCompileCache } = module as { enableCompileCache?: (folder: string) => unknown };
enableCompileCache?.(cacheFolder);
