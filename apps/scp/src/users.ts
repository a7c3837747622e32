// The file of users: names, and passcodes that are kept as digests (PS3.7 §D.3.3.7).

import { randomBytes, scrypt, timingSafeEqual } from 'node:crypto';
import { promisify } from 'node:util';
import { nearestFileHint } from '@x/cli/nearest-file';
import { UsageError } from '@x/cli/program';
import { readRegularFileSync } from '@x/cli/regular-file';
import type { UserIdentity } from '@x/net';

/** By name, the digest of the passcode; undefined for a user who needs no passcode. */
export type Users = ReadonlyMap<string, Digest | undefined>;

interface Digest {
  readonly salt: Buffer;
  readonly digest: Buffer;
}

/**
 * Reads a file of users, one per line: `name`, or `name:scrypt:salt:digest` as `userLine` makes it. Empty lines and lines
 * that begin with # are ignored.
 * @throws UsageError that names the line
 */
export function readUsers(path: string): Users {
  return read(path, false);
}

/** The same, but each user needs a passcode. @throws UsageError that names the line */
export function readUsersWithPasscodes(path: string): Users {
  return read(path, true);
}

function read(path: string, needsPasscodes: boolean): Users {
  let text: string;
  try {
    text = readRegularFileSync(path, MAXIMUM_LENGTH).toString();
  } catch (error) {
    throw new UsageError(`the file of users cannot be read: ${(error as Error).message}${nearestFileHint(error)}`);
  }
  const users = new Map<string, Digest | undefined>();
  for (const [index, line] of text.split(/\r?\n/).entries()) {
    if (line.trim() === '' || line.startsWith('#')) continue;
    const refuse = (why: string) => new UsageError(`${path}:${index + 1}: ${why}`);
    const [name = '', kind, salt = '', digest = '', ...rest] = line.split(':');
    if (users.has(name)) throw refuse(`the user '${name}' is already listed`);
    if (kind === undefined) {
      if (needsPasscodes)
        throw refuse(`the user '${name}' has no passcode: dimse-scp --make-user ${name} makes a line with one`);
      users.set(name, undefined);
      continue;
    }
    const bytes = { salt: Buffer.from(salt, 'base64url'), digest: Buffer.from(digest, 'base64url') };
    const isDigest = kind === 'scrypt' && bytes.salt.length >= 8 && bytes.digest.length === DIGEST_LENGTH;
    if (!isDigest || rest.length > 0) throw refuse('a line is a name, or one made by dimse-scp --make-user NAME');
    users.set(name, bytes);
  }
  return users;
}

/** The line of a user with this passcode. */
export async function userLine(name: string, passcode: string): Promise<string> {
  const salt = randomBytes(16);
  const digest = await digestOf(Buffer.from(passcode), salt);
  return `${name}:scrypt:${salt.toString('base64url')}:${digest.toString('base64url')}`;
}

/** Whether an identity is that of a user: by name alone if the user has no passcode, otherwise by name and passcode. */
export async function isUser(users: Users, identity: UserIdentity | undefined): Promise<boolean> {
  if (identity?.identityType !== 1 && identity?.identityType !== 2) return false;
  const name = Buffer.from(identity.primaryField).toString('utf8');
  if (users.has(name) && !users.get(name)) return true;
  if (identity.identityType === 1) return false;
  return hasPasscode(users, name, identity.secondaryField);
}

/** Whether a user is listed with this passcode. */
export async function hasPasscode(users: Users, name: string, passcode: Uint8Array): Promise<boolean> {
  const kept = users.get(name);
  // Unknown names take as long, so that the time does not reveal which names exist.
  const { salt, digest } = kept ?? UNKNOWN_USER;
  return timingSafeEqual(await digestOf(passcode, salt), digest) && kept !== undefined;
}

/** More than 100,000 users. */
const MAXIMUM_LENGTH = 16 * 1024 * 1024;
const DIGEST_LENGTH = 32;
const UNKNOWN_USER: Digest = { salt: Buffer.alloc(16), digest: Buffer.alloc(DIGEST_LENGTH) };

function digestOf(passcode: Uint8Array, salt: Uint8Array): Promise<Buffer> {
  return scryptOf(passcode, salt, DIGEST_LENGTH);
}

const scryptOf = promisify<Uint8Array, Uint8Array, number, Buffer>(scrypt);
