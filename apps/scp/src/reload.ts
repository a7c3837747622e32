// SIGHUP reads the configuration again, with the files it names, and applies the options that can change at run time.

import type { Logger } from '@x/cli/logger';
import { tlsServerOptions } from '@x/cli/tls-options';
import type { Scp } from '@x/dimse';
import { checkForwarding } from './deliveries/forwarding.ts';
import type { Options } from './options.ts';
import { checkNotified } from './peers.ts';

/** Options that are read whenever they are needed. The others are read when the archive starts. */
const RELOADED = [
  'peer',
  'notify',
  'acceptCalling',
  'forward',
  'forwardRules',
  'promiscuousCalled',
  'users',
  'httpUsers',
  'verbose',
  'drain',
  'stopDelay',
] as const;
/** Options that are made from others. */
const MADE: ReadonlySet<string> = new Set(['peerTls', 'forwardRules']);
const TLS = ['tlsCert', 'tlsKey', 'tlsCa', 'tlsProfile', 'peerTls'] as const;

/**
 * Applies the options that `read` returns by changing `options` in place; associations continue. If anything is wrong,
 * nothing is changed and the error is logged.
 */
export async function reload(scp: Scp, options: Options, read: () => Promise<Options>, logger: Logger): Promise<void> {
  try {
    const fresh = await read();
    checkNotified(fresh);
    checkForwarding(fresh);
    const tls = tlsServerOptions(fresh);
    const taken = takenUp(options, fresh);
    const isSecure = tls !== undefined && taken.includes('tlsCert');
    if (isSecure) scp.reload(tls);
    const changed = taken.filter((name) => !TLS.includes(name as never) && !isSame(options[name], fresh[name]));
    Object.assign(options, Object.fromEntries(taken.map((name) => [name, fresh[name]])));
    logger.level = ['info', 'debug', 'trace'][Math.min(options.verbose, 2)] as string;
    const words = [...changed, ...(isSecure ? ['certificates'] : [])];
    logger.info(`SIGHUP: ${words.length > 0 ? `reloaded: ${words.join(', ')}` : 'nothing has changed'}`);
    const names = [...new Set([...Object.keys(options), ...Object.keys(fresh)])] as (keyof Options)[];
    const others = names.filter((name) => !MADE.has(name) && !isSame(options[name], fresh[name]));
    if (others.length > 0) logger.warn(`SIGHUP: a restart is needed to change ${others.join(', ')}`);
  } catch (error) {
    logger.error(`SIGHUP: nothing was changed: ${(error as Error).message}`);
  }
}

/** The use of these can only change with a restart, as that of TLS and of client certificates. */
const SWITCHES: ReadonlySet<keyof Options> = new Set(['users', 'httpUsers', 'forward', 'forwardRules']);

function takenUp(options: Options, fresh: Options): readonly (keyof Options)[] {
  const isStill = (name: keyof Options) => (options[name] === undefined) === (fresh[name] === undefined);
  const secure = isStill('tlsCert') && isStill('tlsCa') && options.tlsCert !== undefined ? TLS : [];
  return [...RELOADED.filter((name) => !SWITCHES.has(name) || isStill(name)), ...secure];
}

function isSame(one: unknown, other: unknown): boolean {
  return JSON.stringify(plain(one)) === JSON.stringify(plain(other));
}

function plain(value: unknown): unknown {
  return value instanceof Map ? [...value] : value;
}
