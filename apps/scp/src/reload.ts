// SIGHUP reads the configuration again, with the files it names, and applies the options that can change at run time.

import type { AdjustableLogger } from '@x/cli/logger';
import { tlsServerOptions } from '@x/cli/tls-options';
import type { Scp } from '@x/dimse';
import { checkArea } from './area-settings.ts';
import { type Area, areaOptions } from './areas.ts';
import { checkDeliveries, type Deliveries } from './deliveries/deliveries.ts';
import type { AreaSettings, Options } from './options.ts';
import { checkNotified } from './peers.ts';

/** Options that are read whenever they are needed. The others are read when the archive starts. */
const RELOADED = [
  'peer',
  'notify',
  'notifyAvailability',
  'acceptCalling',
  'coerce',
  'forward',
  'forwardRules',
  'onInstance',
  'onStudy',
  'studyTimeout',
  'hookTimeout',
  'hookShell',
  'keepStudies',
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

type Name = keyof Options;

/** The parts of the archive that take up what was read again. */
export interface Reloaded {
  readonly scp: Scp;
  readonly options: Options;
  readonly deliveries: Deliveries;
  readonly areas: readonly Pick<Area, 'aeTitle' | 'options' | 'deliveries'>[];
}

/**
 * Applies the options that `read` returns by changing those of the archive and its areas in place; associations continue. If
 * anything is wrong, nothing is changed and the error is logged.
 */
export async function reload(parts: Reloaded, read: () => Promise<Options>, logger: AdjustableLogger): Promise<void> {
  const { scp, options, areas } = parts;
  try {
    const fresh = await read();
    check(fresh);
    for (const settings of fresh.areas ?? []) checkArea(settings, () => check(areaOptions(fresh, settings)));
    const tls = tlsServerOptions(fresh);
    const taken = takenUp(options, fresh);
    const isSecure = tls !== undefined && taken.includes('tlsCert');
    if (isSecure) scp.reload(tls);
    // Areas read what they do not have themselves from the options of the archive, so they are compared first.
    const changedAreas = areas.flatMap((area) => takeUpArea(area, fresh));
    const changed = changedIn(taken, options, fresh).filter((name) => !TLS.includes(name as never));
    Object.assign(options, Object.fromEntries(taken.map((name) => [name, fresh[name]])));
    logger.level = ['info', 'debug', 'trace'][Math.min(options.verbose, 2)] as string;
    const others = needingRestart(options, fresh);
    const words = [...changed, ...changedAreas, ...(isSecure ? ['certificates'] : [])];
    if (words.length > 0) logger.info(`SIGHUP: reloaded: ${words.join(', ')}`);
    else if (others.length === 0) logger.info('SIGHUP: nothing has changed');
    if (others.length > 0) logger.warn(`SIGHUP: a restart is needed to change ${others.join(', ')}`);
  } catch (error) {
    logger.error(`SIGHUP: nothing was changed: ${(error as Error).message}`);
    return;
  }
  for (const { deliveries } of [parts, ...areas])
    await deliveries
      .reload()
      .catch((error: Error) =>
        logger.error({ err: error }, `SIGHUP: rules and hooks could not be applied: ${error.message}`),
      );
}

/** @throws UsageError */
function check(options: Options): void {
  checkNotified(options);
  checkDeliveries(options);
}

/** The use of these can only change with a restart, as that of TLS and of client certificates. */
const SWITCHES: ReadonlySet<Name> = new Set(['users', 'httpUsers']);

function takenUp(options: Options, fresh: Options): readonly Name[] {
  const isStill = (name: Name) => (options[name] === undefined) === (fresh[name] === undefined);
  const secure = isStill('tlsCert') && isStill('tlsCa') && options.tlsCert !== undefined ? TLS : [];
  return [...RELOADED.filter((name) => !SWITCHES.has(name) || isStill(name)), ...secure];
}

/** Changes the options of an area that SIGHUP can change. Returns what it changed, for the log. */
function takeUpArea({ aeTitle, options }: Reloaded['areas'][number], fresh: Options): readonly string[] {
  const settings = fresh.areas?.find(({ aet }) => aet === aeTitle);
  if (!settings) return [];
  const own = areaOptions(fresh, settings);
  const taken = takenUp(options, own).filter((name) => !TLS.includes(name as never));
  const changed = changedIn(taken, options, own).filter((name) => isOwn(options, name) || isOwn(own, name));
  for (const name of taken) {
    if (isOwn(own, name)) Object.assign(options, { [name]: own[name] });
    else if (isOwn(options, name)) delete (options as unknown as Record<string, unknown>)[name];
  }
  return changed.map((name) => `${name} of ${aeTitle}`);
}

const isOwn = (options: Options, name: Name) => Object.hasOwn(options, name);

function changedIn(names: readonly Name[], options: Options, fresh: Options): readonly Name[] {
  return names.filter((name) => !isSame(options[name], fresh[name]));
}

function needingRestart(options: Options, fresh: Options): readonly Name[] {
  const names = [...new Set([...Object.keys(options), ...Object.keys(fresh)])] as Name[];
  const others = names.filter((name) => !MADE.has(name) && name !== 'areas');
  const areas = isSame(fixedOf(options.areas), fixedOf(fresh.areas)) ? [] : (['areas'] as const);
  return [...changedIn(others, options, fresh), ...areas];
}

/** The settings of areas that can only change with a restart. */
function fixedOf(areas: readonly AreaSettings[] = []): unknown {
  const isFixed = ([name]: [string, unknown]) => !RELOADED.includes(name as never);
  return areas.map(({ aet, folder, options }) => ({
    ...{ aet, folder, options: Object.fromEntries(Object.entries(options).filter(isFixed).sort()) },
    // Whether there are users decides at the start whether identities are checked.
    hasUsers: options.users !== undefined,
  }));
}

function isSame(one: unknown, other: unknown): boolean {
  return JSON.stringify(plain(one)) === JSON.stringify(plain(other));
}

function plain(value: unknown): unknown {
  return value instanceof Map ? [...value] : value;
}
