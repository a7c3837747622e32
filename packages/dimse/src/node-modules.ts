// Modules of Node.js, loaded when they are first used: loading all of them takes longer than loading this package.

import { lazily } from '@x/pdu/internal';

export const crypto = lazily(() => process.getBuiltinModule('node:crypto'));
export const diagnosticsChannel = lazily(() => process.getBuiltinModule('node:diagnostics_channel'));
export const events = lazily(() => process.getBuiltinModule('node:events'));
export const fs = lazily(() => process.getBuiltinModule('node:fs'));
export const fsPromises = lazily(() => process.getBuiltinModule('node:fs/promises'));
export const stream = lazily(() => process.getBuiltinModule('node:stream'));
export const timers = lazily(() => process.getBuiltinModule('node:timers/promises'));
export const util = lazily(() => process.getBuiltinModule('node:util'));
export const zlib = lazily(() => process.getBuiltinModule('node:zlib'));

/** Functions of `node:fs` that are done in another thread, as promises. */
export const fsInThread = lazily(() => {
  const { promisify } = util();
  const { close, fdatasync, fstat, open, read, readv, unlink, writev } = fs();
  return {
    close: promisify(close),
    fdatasync: promisify(fdatasync),
    fstat: promisify(fstat),
    open: promisify(open),
    read: promisify(read),
    readv: promisify(readv),
    unlink: promisify(unlink),
    writev: promisify(writev),
  };
});
