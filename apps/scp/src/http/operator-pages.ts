// The pages for operators at --http: health, metrics, and the live page.

import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import type { Logger } from '@x/cli/logger';
import type { Service } from '@x/dimse';
import type { Listener } from '@x/net';
import type { Deliveries } from '../deliveries/deliveries.ts';
import type { InstanceArchive } from '../instances/instance-archive.ts';
import type { Notices } from '../instances/notices.ts';
import type { Observer } from '../observer.ts';
import type { Options } from '../options.ts';
import { PAGES } from '../pages.ts';
import type { SharedDatabase } from '../shared-database/shared-database.ts';
import type { Workflow } from '../workflow/workflow.ts';
import type { AreaDeliveryStatus } from './delivery-metrics.ts';
import { DiskHistory, diskSpace } from './disk-history.ts';
import { Health, type HealthCheck, healthRoutes } from './health.ts';
import { answerJson, type HttpServer, isLoopback, openHttpServer, type Route } from './http-server.ts';
import { LiveAssociations } from './live-associations.ts';
import { liveRoutes } from './live-routes.ts';
import { admission } from './login.ts';
import type { MeasuredArchive } from './measured-archive.ts';
import { Metrics } from './metrics.ts';
import { type ArchiveProcess, ProcessTable } from './process-table.ts';
import { Thumbnails } from './thumbnails.ts';

/** The parts of the archive that the pages show. */
export interface Watched {
  readonly instances: InstanceArchive;
  readonly notices: Notices;
  readonly workflow: Workflow;
  /** The areas beside the archive itself. */
  readonly areas: readonly {
    readonly aeTitle: string;
    readonly instances: InstanceArchive;
    readonly deliveries: Deliveries;
  }[];
  readonly deliveries: Deliveries;
  readonly services: readonly Service[];
  listener(): Listener;
  /** Whether the archive was told to stop. */
  isStopping(): boolean;
  /** The services that the archive depends on, beside its database. Default: none. */
  readonly checks?: readonly HealthCheck[];
  /** The database that the archive shares with other processes, if it does. */
  readonly database?: SharedDatabase;
}

/** Starts counting and recording; `open` starts the server later. */
export function watch(
  running: Options,
  { instances, notices, workflow, areas, deliveries, services, listener, isStopping, checks = [], database }: Watched,
  observers: Observer[],
  logger: Logger,
): AsyncDisposable & { open(): Promise<HttpServer> } {
  const live = new LiveAssociations();
  const thumbnails = new Thumbnails(instances);
  const data = running.data as string | undefined;
  const disk = new DiskHistory(async () => (data === undefined ? undefined : diskSpace(data)));
  for (const peer of running.peer ?? []) live.peers.expect(peer.aeTitle, `${peer.host}:${peer.port}`);
  const ofDatabase = database ? [{ name: 'database', check: (signal: AbortSignal) => database.check(signal) }] : [];
  const health = new Health([...ofDatabase, ...checks], { changed: (name, error) => logHealth(logger, name, error) });
  const metrics = new Metrics(
    measured(running, { instances, notices, workflow, areas, deliveries, listener }, health),
    services,
  );
  observers.push(metrics, live);
  const scrape: Route = async (_request, response) => {
    const samples = await metrics.text();
    response.writeHead(200, { 'Content-Type': metrics.contentType });
    response.end(samples);
  };
  let processes: ProcessTable | undefined;
  return {
    open: async () => {
      const server = await openHttpServer({
        port: running.http ?? 0,
        host: running.httpHost,
        routes: {
          ...liveRoutes({
            live,
            instances,
            thumbnails,
            workflow,
            aeTitle: running.aet,
            disk,
            pages: PAGES,
            processes: () => processes,
          }),
          '/areas': async (_request, response) =>
            answerJson(response, 200, await areasOf(running.aet, instances, areas)),
          '/deliveries': (_request, response) => answerJson(response, 200, statusesOf(deliveries, areas)),
          ...healthRoutes({ health, isListening: () => listener().isListening, isStopping }),
          '/metrics': scrape,
        },
        admit: admission({
          users: () => running.httpUsers,
          isLocal: isLoopback(running.httpHost),
          refused: (summary) => logger.warn({ event: 'login', summary }, `login refused: ${summary}`),
        }),
        failed: (error, path) => logger.error({ err: error }, `${path} could not be answered: ${String(error)}`),
      });
      try {
        if (database) processes = await ProcessTable.open(database, randomUUID(), processAt(server, listener()));
        return server;
      } catch (error) {
        await server[Symbol.asyncDispose]();
        throw error;
      }
    },
    [Symbol.asyncDispose]: async () => {
      await processes?.[Symbol.asyncDispose]();
      health[Symbol.dispose]();
      metrics[Symbol.dispose]();
      live[Symbol.dispose]();
      disk[Symbol.dispose]();
      await thumbnails[Symbol.asyncDispose]();
    },
  };
}

/** This process as the others name it. Pages at all addresses of the machine are found by its name. */
function processAt({ url }: HttpServer, { port }: Listener): ArchiveProcess {
  const machine = hostname();
  return { name: `${machine}:${port}`, url: url.replace(/\/\/(?:0\.0\.0\.0|\[::\])(?=:)/, `//${machine}`) };
}

function logHealth(logger: Logger, check: string, error: unknown): void {
  if (error === undefined) logger.info({ event: 'health', check }, `the ${check} answers again`);
  else {
    const summary = error instanceof Error ? error.message : String(error);
    logger.warn({ event: 'health', check, summary }, `the ${check} does not answer: ${summary}`);
  }
}

/** The archive and its areas; empty if it has neither areas nor a quota. */
async function areasOf(
  aeTitle: string,
  instances: InstanceArchive,
  areas: Watched['areas'],
): Promise<readonly object[]> {
  if (areas.length === 0 && !instances.quota) return [];
  const all = [{ aeTitle, instances }, ...areas];
  return Promise.all(
    all.map(async (area) => {
      const counts = await area.instances.index.counts();
      return { aeTitle: area.aeTitle, ...counts, quota: area.instances.quota?.counts };
    }),
  );
}

/** The destinations of the archive, then those of its areas, which have the AE title of their area. */
function statusesOf(archive: Deliveries, areas: Watched['areas']): readonly AreaDeliveryStatus[] {
  const ofAreas = areas.flatMap(({ aeTitle, deliveries }) =>
    deliveries.status.map((status) => ({ area: aeTitle, ...status })),
  );
  return [...archive.status, ...ofAreas];
}

function measured(
  running: Options,
  {
    instances,
    notices,
    workflow,
    areas,
    deliveries,
    listener,
  }: Omit<Watched, 'services' | 'isStopping' | 'checks' | 'database'>,
  health: Health,
): MeasuredArchive {
  return {
    associations: () => {
      const { associations, connections, pendingConnections } = listener();
      const established = associations.size;
      return { established, ending: connections - established, pending: pendingConnections };
    },
    notices: () => notices.counts,
    queuedEvents: () => workflow.events.length(),
    deliveries: () => statusesOf(deliveries, areas),
    indexed: async () => ({ ...(await instances.index.counts()) }),
    comparison: () => instances.comparison,
    isIndexComplete: () => instances.index.isComplete,
    storage: () => {
      const all = [{ aeTitle: running.aet, instances }, ...areas];
      return Object.fromEntries(
        all.flatMap((area) => {
          const counts = area.instances.quota?.counts;
          return counts ? [[area.aeTitle, counts]] : [];
        }),
      );
    },
    indexedInAreas: async () => {
      const counts = areas.map(async (area) => [area.aeTitle, { ...(await area.instances.index.counts()) }] as const);
      return Object.fromEntries(await Promise.all(counts));
    },
    indexLength: () => instances.indexLength(),
    services: () =>
      Object.fromEntries(Object.entries(health.states).map(([service, state]) => [service, state === 'good'])),
  };
}
