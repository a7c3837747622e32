// Modules of Node.js, loaded when they are first used: loading all of them takes longer than loading this package.

import { lazily } from '@x/pdu/internal';

export const asyncHooks = lazily(() => process.getBuiltinModule('node:async_hooks'));
export const crypto = lazily(() => process.getBuiltinModule('node:crypto'));
export const diagnosticsChannel = lazily(() => process.getBuiltinModule('node:diagnostics_channel'));
export const net = lazily(() => process.getBuiltinModule('node:net'));
export const stream = lazily(() => process.getBuiltinModule('node:stream'));
export const timers = lazily(() => process.getBuiltinModule('node:timers/promises'));
export const tls = lazily(() => process.getBuiltinModule('node:tls'));
export const v8 = lazily(() => process.getBuiltinModule('node:v8'));
