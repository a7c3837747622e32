// What SIGHUP takes up anew: the files the options name, and those of the options that can change while we run.

import type { Logger } from '@x/cli/logger';
import { tlsServerOptions } from '@x/cli/tls-options';
import type { Scp } from '@x/dimse';
import type { Options } from './options.ts';
import { checkNotified } from './peers.ts';

/** Options that are looked at when they are needed. The others are looked at when the archive starts. */
const RELOADED = ['peer', 'notify', 'acceptCalling', 'promiscuousCalled', 'users', 'verbose', 'drain'] as const;
const TLS = ['tlsCert', 'tlsKey', 'tlsCa', 'tlsProfile', 'peerTls'] as const;

/**
 * Takes up what `read` gives, of which `options` are changed in place; associations go on. What is wrong leaves all as it
 * was.
 */
export async function reload(scp: Scp, options: Options, read: () => Promise<Options>, logger: Logger): Promise<void> {
  try {
    const fresh = await read();
    checkNotified(fresh);
    const tls = tlsServerOptions(fresh);
    const taken = takenUp(options, fresh);
    const isSecure = tls !== undefined && taken.includes('tlsCert');
    if (isSecure) scp.reload(tls);
    const changed = taken.filter((name) => !TLS.includes(name as never) && !isSame(options[name], fresh[name]));
    Object.assign(options, Object.fromEntries(taken.map((name) => [name, fresh[name]])));
    logger.level = ['info', 'debug', 'trace'][Math.min(options.verbose, 2)] as string;
    const words = [...changed, ...(isSecure ? ['certificates'] : [])];
    logger.info(`SIGHUP: ${words.length > 0 ? `taken up anew: ${words.join(', ')}` : 'nothing has changed'}`);
    const names = [...new Set([...Object.keys(options), ...Object.keys(fresh)])] as (keyof Options)[];
    // What peers are shown is made of the others.
    const others = names.filter((name) => name !== 'peerTls' && !isSame(options[name], fresh[name]));
    if (others.length > 0) logger.warn(`SIGHUP: only a restart takes up ${others.join(', ')}`);
  } catch (error) {
    logger.error(`SIGHUP: all stays as it was: ${(error as Error).message}`);
  }
}

/** Whether there is TLS at all, whether its clients show certificates, and whether users do, is as it was at the start. */
function takenUp(options: Options, fresh: Options): readonly (keyof Options)[] {
  const isStill = (name: 'tlsCert' | 'tlsCa' | 'users') =>
    (options[name] === undefined) === (fresh[name] === undefined);
  const secure = isStill('tlsCert') && isStill('tlsCa') && options.tlsCert !== undefined ? TLS : [];
  return [...RELOADED.filter((name) => name !== 'users' || isStill('users')), ...secure];
}

function isSame(one: unknown, other: unknown): boolean {
  return JSON.stringify(plain(one)) === JSON.stringify(plain(other));
}

function plain(value: unknown): unknown {
  return value instanceof Map ? [...value] : value;
}
