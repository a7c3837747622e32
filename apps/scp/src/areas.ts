// The areas of an archive: each is an archive of its own below the data folder, with an AE title on the same port.

import { join } from 'node:path';
import type { Logger } from '@x/cli/logger';
import type { CalledApplicationEntity, ScpOfEntitiesOptions, ScpOptions } from '@x/dimse';
import { archiveOptions } from './archive.ts';
import { checkArea } from './area-settings.ts';
import type { AuditLog } from './audit/audit-log.ts';
import { checkDeliveries, type Deliveries, openDeliveries } from './deliveries/deliveries.ts';
import { type InstanceArchive, openInstanceArchive } from './instances/instance-archive.ts';
import type { NoticeListener } from './instances/notices.ts';
import type { Observer } from './observer.ts';
import { Opened } from './opened.ts';
import type { AreaSettings, Options } from './options.ts';
import { quotaOptions } from './quota-options.ts';
import { coercionOf } from './rules/coercion.ts';
import { openWorkflow, type Workflow } from './workflow/workflow.ts';

/** An area that is open. */
export interface Area {
  readonly aeTitle: string;
  readonly instances: InstanceArchive;
  readonly workflow: Workflow;
  readonly deliveries: Deliveries;
  readonly options: Options;
  readonly entity: CalledApplicationEntity;
}

export interface Areas extends AsyncDisposable {
  readonly all: readonly Area[];
  /** The options of the SCP with those of the areas; without areas they are the same. */
  join(options: ScpOptions): ScpOptions | ScpOfEntitiesOptions;
}

/** Opens the areas of the configuration. @throws DatabaseError; UsageError */
export async function openAreas(
  running: Options,
  logger: Logger,
  {
    notice,
    observers,
    audit,
  }: { notice?: NoticeListener; observers: readonly Observer[]; audit?: AuditLog | undefined },
): Promise<Areas> {
  const { fsync, reindex } = running;
  const all: Area[] = [];
  const opened = new Opened();
  try {
    for (const settings of running.areas ?? []) {
      const options = areaOptions(running, settings);
      checkArea(settings, () => checkDeliveries(options));
      const opening = openInstanceArchive(options.data, {
        ...{
          fsync,
          reindex,
          fileName: options.fileName,
          coercion: coercionOf(options),
          quotaOptions: quotaOptions(options, logger, audit),
        },
        ...(notice && { notice }),
      });
      const instances = opened.use(await opening);
      const workflow = opened.use(await openWorkflow(options, instances, logger, observers));
      const entity = entityOf(settings, archiveOptions(options, instances, workflow, logger, observers, audit));
      const deliveries = opened.use(await openDeliveries(options, instances, logger, { observers }));
      all.push({ aeTitle: settings.aet, instances, workflow, deliveries, options, entity });
    }
  } catch (error) {
    await opened.close();
    throw error;
  }
  return {
    all,
    join: (options) => (all.length === 0 ? options : joined(options, all)),
    [Symbol.asyncDispose]: () => opened.close(),
  };
}

/** Options that an area has only if it has them itself. */
const NOT_INHERITED = {
  ...{ worklist: undefined, quota: undefined, evict: undefined, keepStudies: undefined },
  ...{ forward: undefined, forwardRules: undefined, onInstance: undefined, onStudy: undefined },
};

/** The options of an area. Those that it does not have itself are read from the archive's, which SIGHUP changes in place. */
export function areaOptions(running: Options, { aet, folder, options }: AreaSettings): Options {
  const data = join(running.data, 'areas', folder);
  return Object.assign(Object.create(running) as Options, { ...NOT_INHERITED, ...options, aet, data });
}

function entityOf({ options }: AreaSettings, ofArea: ScpOptions): CalledApplicationEntity {
  const { services, calls, accept, asynchronousOperations, verifyIdentity } = ofArea;
  const { maxAssociations } = options;
  return {
    services,
    ...(calls && { calls }),
    ...(accept && { accept }),
    ...(asynchronousOperations && { asynchronousOperations }),
    ...(verifyIdentity && { verifyIdentity }),
    ...(maxAssociations !== undefined && { maximumAssociations: maxAssociations }),
  };
}

function joined(options: ScpOptions, areas: readonly Area[]): ScpOfEntitiesOptions {
  const { aeTitle, services, ...shared } = options;
  // Rules of the archive itself are not those of its areas.
  const { accept, verifyIdentity, ...ofAll } = shared;
  const own = { services, ...(accept && { accept }), ...(verifyIdentity && { verifyIdentity }) };
  return {
    ...ofAll,
    applicationEntities: { [aeTitle]: own, ...Object.fromEntries(areas.map((area) => [area.aeTitle, area.entity])) },
  };
}
