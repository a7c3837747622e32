// Logging in to dimse-scp --users: beside a program that guesses passcodes, and while the users are read again.

import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type Association,
  AssociationRejectedError,
  passcodeIdentity,
  requestAssociation,
  type UserIdentity,
  usernameIdentity,
} from '@x/net';
import { type RunningScp, startScp } from '@x/testing/processes';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { keptIn } from '../test/world.ts';
import { userLine } from './users.ts';

const NONE = 'none';
type Identity = UserIdentity | typeof NONE;
let folder: string;
let archive: RunningScp | undefined;
const open: (Association | Socket)[] = [];
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'guessers-'));
  const users = join(folder, 'users');
  writeFileSync(users, `${await userLine('anna', 'sesame')}\n`);
  archive = await startScp([...keptIn(join(folder, 'data')), '--users', users]);
});
afterEach(async () => {
  for (const each of open.splice(0)) 'destroy' in each ? each.destroy() : each.abort();
  await archive?.stop('SIGKILL');
  rmSync(folder, { recursive: true });
});

async function logIn(
  userIdentity: Identity = passcodeIdentity('anna', 'sesame'),
  localAddress = '127.0.0.1',
): Promise<Association> {
  const socket = connect({ host: '127.0.0.1', port: archive?.port ?? 0, localAddress });
  socket.on('error', () => {});
  open.push(socket);
  const association = await requestAssociation({
    socket,
    callingAeTitle: 'SCU',
    calledAeTitle: 'DIMSE',
    contexts: [{ abstractSyntax: '1.2.840.10008.1.1', transferSyntaxes: ['1.2.840.10008.1.2'] }],
    ...(userIdentity !== NONE && { userIdentity }),
  });
  open.push(association);
  return association;
}

/** Result, source and reason of the rejection; undefined if there is none. */
async function rejection(attempt: Promise<Association>): Promise<readonly number[] | undefined> {
  try {
    await attempt;
    return undefined;
  } catch (error) {
    if (!(error instanceof AssociationRejectedError)) throw error;
    return [error.result, error.source, error.reason];
  }
}

/** The number of identities that were compared with the file of users and did not match. */
const failed = () => archive?.stderr().match(/user identity rejected/g)?.length ?? 0;

const REJECTED = [1, 2, 1];
const CONGESTION = [2, 3, 1];

test('a user from another address gets in while an address guesses, and most of its guesses are not looked at', async () => {
  const outcomes: unknown[] = [];
  for (let at = 0; at < 40; at++)
    void rejection(logIn(passcodeIdentity('anna', `guess ${at}`), '127.0.0.2')).then(
      (outcome) => outcomes.push(outcome),
      () => {},
    );
  await expect.poll(() => failed()).toBeGreaterThan(0);
  await (await logIn()).release();
  // Two are checked at once, ten wait for as long as their delay says, and the others are rejected at once.
  await expect.poll(() => outcomes.filter((each) => `${each}` === `${CONGESTION}`).length).toBeGreaterThanOrEqual(20);
  expect(failed()).toBeLessThanOrEqual(20);
  expect(outcomes).not.toContain(undefined);
}, 30_000);

test('a user at the address of a guesser gets in between two guesses', async () => {
  let isOver = false;
  const guessing = (async () => {
    while (!isOver) await rejection(logIn(passcodeIdentity('anna', 'guess'))).catch(() => {});
  })();
  await expect.poll(() => failed()).toBeGreaterThan(0);
  await (await logIn()).release();
  isOver = true;
  for (const each of open.splice(0)) 'destroy' in each ? each.destroy() : each.abort();
  await guessing;
}, 60_000);

test('users who log in while the file of users is read again are all accepted', async () => {
  const users = join(folder, 'users');
  const [anna, bert] = [readFileSync(users, 'utf8'), `${await userLine('bert', 'sesame')}\n`];
  const log = (pattern: RegExp) => archive?.stderr().match(pattern)?.length ?? 0;
  const descriptors = () => readdirSync(`/proc/${archive?.child.pid}/fd`).length;
  await (await logIn()).release();
  const before = descriptors();
  const versions = [anna + bert, anna, 'not:a user\n'];
  for (let reload = 0; reload < 9; reload++) {
    const logins = [1, 2].map(async () => (await logIn()).release());
    writeFileSync(users, versions[reload % 3] as string);
    archive?.child.kill('SIGHUP');
    await expect.poll(() => log(/SIGHUP/g)).toBe(reload + 1);
    await Promise.all(logins);
  }
  // A file with an error changes nothing.
  expect([log(/reloaded: users/g), log(/nothing was changed: .*users:1/g)]).toEqual([6, 3]);
  expect(await rejection(logIn(passcodeIdentity('bert', 'sesame')))).toEqual(REJECTED);
  for (const socket of open.splice(0)) if ('destroy' in socket) socket.destroy();
  await expect.poll(descriptors).toBeLessThanOrEqual(before);
}, 60_000);

test('the rejection does not say whether the user exists', async () => {
  const strangers: Identity[] = [
    passcodeIdentity('anna', 'wrong'),
    passcodeIdentity('anna', ''),
    usernameIdentity('anna'),
    passcodeIdentity('nobody', 'sesame'),
    usernameIdentity('nobody'),
    NONE,
  ];
  const rejections: unknown[] = [];
  for (const [at, stranger] of strangers.entries())
    rejections.push(await rejection(logIn(stranger, `127.0.1.${at + 1}`)));
  expect(rejections).toEqual(strangers.map(() => REJECTED));
  expect(archive?.stderr()).not.toMatch(/anna|nobody|sesame/);
});
