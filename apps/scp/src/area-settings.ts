// The areas of a configuration file: AE titles on the same port that have their own folder, rights and options.

import { applyConfiguration, type ConfigurationSection, type ConfiguredValue } from '@x/cli/configuration-file';
import { aeTitle, listOf } from '@x/cli/option-values';
import { UsageError } from '@x/cli/program';
import { Command, Option } from 'commander';
import type { AccessRights } from './access-rights.ts';
import { readForwardRules } from './deliveries/forward-rules.ts';
import type { AreaSettings, Options } from './options.ts';

/** The name of the mapping in the configuration file. */
export const AREAS = 'areas';

/** The options that an area may have of its own, by their names on the command line. */
const OWN_OPTIONS = [
  'worklist',
  'notify',
  'notify-availability',
  'forward',
  'on-instance',
  'on-study',
  'study-timeout',
  'hook-timeout',
  'hook-shell',
  'keep-finished',
  'max-associations',
  'window',
  'decompress',
  'users',
  'quota',
  'keep-studies',
  'evict',
  'accept-syntax',
  'prefer-syntax',
  'file-name',
  'coerce',
];

/**
 * The areas of a configuration file. @param program The command line, whose options areas may have.
 * @throws UsageError with the line of the mistake
 */
export function readAreas(configured: ConfiguredValue | undefined, program: Command): readonly AreaSettings[] {
  if (!configured) return [];
  if (!configured.section)
    throw new UsageError(`${configured.place}: ${AREAS}: a mapping of AE titles to settings is needed`);
  const areas: AreaSettings[] = [];
  for (const [title, { section, value, place }] of configured.section) {
    if (!section && value !== null)
      throw new UsageError(`${place}: ${AREAS}: ${title}: a mapping of settings is needed (name: value)`);
    areas.push(areaOf(title, section ?? new Map(), place, program));
  }
  return areas;
}

function areaOf(title: string, section: ConfigurationSection, place: string, program: Command): AreaSettings {
  const aet = titleOf(title, place);
  const command = new Command().exitOverride();
  for (const right of RIGHTS) command.addOption(new Option(`--${right} <title>`).argParser(listOf(aeTitle)));
  command.option('--folder <name>');
  for (const option of program.options)
    if (OWN_OPTIONS.some((name) => option.long === `--${name}`)) command.addOption(option);
  applyConfiguration([command], section);
  const given = Object.fromEntries(
    Object.entries(command.opts()).filter(([name]) => command.getOptionValueSource(name) === 'config'),
  );
  const {
    folder = aet,
    read,
    write,
    // An instance that is sent to a peer can be read there.
    move = read,
    ...options
  } = given as Partial<Options> & AccessRights & { folder?: string };
  if (!isFolderName(folder)) {
    const needed = 'the name of a folder is needed: up to 64 letters, digits, hyphens and underscores';
    throw new UsageError(`${place}: ${AREAS}: ${title}: ${needed}; set 'folder' to one`);
  }
  const rights = { ...(read && { read }), ...(write && { write }), ...(move && { move }) };
  const { forward } = options;
  const forwardRules = forward === undefined ? undefined : named(place, title, () => readForwardRules(forward));
  return { aet, folder, options: { ...options, ...(forwardRules && { forwardRules }), rights }, place };
}

/** Checks the options of an area: mistakes get the name of the area and its line. @throws UsageError */
export function checkArea({ aet, place }: AreaSettings, check: () => void): void {
  named(place, aet, check);
}

function named<T>(place: string, title: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (error instanceof UsageError) throw new UsageError(`${place}: ${AREAS}: ${title}: ${error.message}`);
    throw error;
  }
}

function titleOf(text: string, place: string): string {
  try {
    return aeTitle(text);
  } catch (error) {
    throw new UsageError(`${place}: ${AREAS}: '${text}': ${(error as Error).message}`);
  }
}

const RIGHTS = ['read', 'write', 'move'] as const;

/** Whether every file system can have a folder of this name. Windows has devices of some names in every folder. */
function isFolderName(name: string): boolean {
  return /^[A-Za-z0-9_-]{1,64}$/.test(name) && !/^(?:con|prn|aux|nul|com\d|lpt\d)$/i.test(name);
}

/** @throws UsageError with the line of the area that cannot work beside the others */
export function checkAreas({ aet, areas = [], promiscuousCalled, quota, evict }: Options): void {
  if (evict !== undefined && quota === undefined)
    throw new UsageError('--evict needs --quota: the bytes beyond which studies are deleted');
  const [first] = areas;
  if (first && promiscuousCalled)
    throw new UsageError(`${first.place}: ${AREAS} need called AE titles: leave out promiscuous-called`);
  const folders = new Map<string, string>();
  for (const area of areas) {
    if (area.aet === aet)
      throw new UsageError(`${area.place}: ${AREAS}: ${aet} is the AE title of the archive itself: choose another`);
    const { evict: ownEvict, quota: ownQuota } = area.options;
    if (ownEvict !== undefined && ownQuota === undefined)
      throw new UsageError(`${area.place}: ${AREAS}: ${area.aet}: evict needs quota`);
    // Some file systems do not distinguish case.
    const folder = area.folder.toLowerCase();
    const other = folders.get(folder);
    if (other !== undefined)
      throw new UsageError(
        `${area.place}: ${AREAS}: ${area.aet} and ${other} have the same folder: set 'folder' of one to another name`,
      );
    folders.set(folder, area.aet);
  }
}
