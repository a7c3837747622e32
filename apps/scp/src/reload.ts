// What SIGHUP takes up anew: the files the options name, and those of the options that can change while we run.

import type { Logger } from '@x/cli/logger';
import { tlsServerOptions } from '@x/cli/tls-options';
import type { Scp } from '@x/dimse';
import type { Options } from './options.ts';

/** Options that are looked at when they are needed. The others are looked at when the archive starts. */
const RELOADED = ['peer', 'notify', 'acceptCalling', 'promiscuousCalled', 'users', 'verbose', 'drain'] as const;
const TLS = ['tlsCert', 'tlsKey', 'tlsCa', 'peerTls'] as const;

/**
 * Takes up what `read` gives, of which `options` are changed in place; associations go on. What is wrong leaves all as it
 * was.
 */
export async function reload(scp: Scp, options: Options, read: () => Promise<Options>, logger: Logger): Promise<void> {
  try {
    const fresh = await read();
    const tls = tlsServerOptions(fresh);
    const wasSecure = options.tlsCert !== undefined;
    if (tls && wasSecure) scp.reload(tls);
    const changed = RELOADED.filter((name) => !isSame(options[name], fresh[name]));
    Object.assign(options, Object.fromEntries([...RELOADED, ...TLS].map((name) => [name, fresh[name]])));
    logger.level = ['info', 'debug', 'trace'][Math.min(options.verbose, 2)] as string;
    const taken = [...changed, ...(tls && wasSecure ? ['certificates'] : [])];
    logger.info(`SIGHUP: ${taken.length > 0 ? `taken up anew: ${taken.join(', ')}` : 'nothing has changed'}`);
    const others = (Object.keys(fresh) as (keyof Options)[]).filter(
      (name) => ![...RELOADED, ...TLS].includes(name as never) && !isSame(options[name], fresh[name]),
    );
    if (others.length > 0) logger.warn(`SIGHUP: only a restart takes up ${others.join(', ')}`);
  } catch (error) {
    logger.error(`SIGHUP: all stays as it was: ${(error as Error).message}`);
  }
}

function isSame(one: unknown, other: unknown): boolean {
  return JSON.stringify(plain(one)) === JSON.stringify(plain(other));
}

function plain(value: unknown): unknown {
  return value instanceof Map ? [...value] : value;
}
