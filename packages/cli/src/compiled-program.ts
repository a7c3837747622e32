// Loads a program with the code that V8 compiled of it in an earlier run. Node.js keeps that of modules from 22.8 on only.

import { createHash } from 'node:crypto';
import {
  closeSync,
  constants,
  existsSync,
  fstatSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { Script } from 'node:vm';
import { cacheFolder } from './compile-cache.ts';

/**
 * Loads a file of ASCII characters that is a module in CommonJS within the function around it, and returns its exports. The
 * compiled code is kept in `cacheFolder`, with the facts by which another file, or another release of it, is recognized. V8
 * checks its own version and flags. The module can require others, but not import them.
 * @param name of the file with the code: programs that run different parts of the file keep what they compile under names of their own
 */
export function loadProgram(path: string, name: string): unknown {
  const { NODE_DISABLE_COMPILE_CACHE: isOff, NODE_V8_COVERAGE: isMeasured } = process.env;
  const isKept = !isOff && !isMeasured;
  const entry = join(cacheFolder, `${name}-${process.version}-${process.arch}`);
  const facts = factsOf(path);
  const cachedData = isKept ? compiledFrom(facts, entry) : undefined;
  const script = new Script(readFileSync(path, 'latin1'), {
    filename: path,
    ...(cachedData && { cachedData }),
  });
  // At the end, the functions that were run are compiled.
  if (isKept && script.cachedDataRejected !== false) process.once('exit', () => keep(entry, facts, script));
  const program = { exports: {} };
  script.runInThisContext()(program.exports, createRequire(path), program, path, dirname(path));
  return program.exports;
}

/** The file, its length, and when it was written: no program can set the time of the last change (ctime). */
function factsOf(path: string): Buffer {
  const { ino, size, ctimeMs } = statSync(path);
  return Buffer.from(new Float64Array([ino, size, ctimeMs]).buffer);
}

/**
 * Undefined if there is none for this file. Code that another user has written is not run, and damaged code is passed over:
 * V8 ends the process on it.
 */
function compiledFrom(facts: Buffer, entry: string): Buffer | undefined {
  const kept = readOwn(entry);
  if (!kept?.subarray(0, facts.length).equals(facts)) return undefined;
  const code = kept.subarray(facts.length + CHECKSUM_LENGTH);
  return code.length > 0 && checksumOf(code).equals(kept.subarray(facts.length, facts.length + CHECKSUM_LENGTH))
    ? code
    : undefined;
}

/** The bytes of a file of this user; undefined if it cannot be read, is a link, or belongs to another user. */
function readOwn(path: string): Buffer | undefined {
  let file: number | undefined;
  try {
    // Opened first, so that the file that is checked is the one that is read.
    file = openSync(path, constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0));
    const user = process.geteuid?.();
    return user === undefined || fstatSync(file).uid === user ? readFileSync(file) : undefined;
  } catch {
    return undefined;
  } finally {
    if (file !== undefined) closeSync(file);
  }
}

const CHECKSUM_LENGTH = 32;

/** Against damage: code of other users is not run anyway. `zlib` has a shorter one, but takes longer to load. */
function checksumOf(code: Buffer): Buffer {
  return createHash('sha256').update(code).digest();
}

/** Replaces the entry at once, because other processes may read it. A folder that cannot be written is passed over. */
function keep(entry: string, facts: Buffer, script: Script): void {
  const unfinished = `${entry}.${process.pid}`;
  try {
    const code = script.createCachedData();
    // Not recursive: Node.js never returns if a file system such as /proc has no place for new folders.
    for (const folder of [dirname(cacheFolder), cacheFolder])
      if (!existsSync(folder)) mkdirSync(folder, { mode: 0o700 });
    writeFileSync(unfinished, Buffer.concat([facts, checksumOf(code), code]), { mode: 0o600, flag: 'wx' });
    renameSync(unfinished, entry);
  } catch {
    removeIfThere(unfinished);
  }
}

function removeIfThere(path: string): void {
  try {
    rmSync(path, { force: true });
  } catch {
    // Its folder is not one.
  }
}
