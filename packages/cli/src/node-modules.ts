// Modules of Node.js that few runs of a command use, loaded when they are first used.

import { lazily } from '@x/pdu/internal';

export const crypto = lazily(() => process.getBuiltinModule('node:crypto'));
export const readline = lazily(() => process.getBuiltinModule('node:readline'));
