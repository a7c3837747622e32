// Rows: one, two and three processes that share PostgreSQL and an object store, behind HAProxy, beside the embedded archive.

import { chmodSync } from 'node:fs';
import { join } from 'node:path';
import { freePort } from '@x/testing/processes';
import { startPostgresql } from '../../../interop/services/postgresql.ts';
import { NotInstalledError, type Service } from '../../../interop/services/service.ts';
import { startSwift } from '../../../interop/services/swift.ts';
import { startHaproxy } from '../../../interop/src/haproxy.ts';
import { type Contestant, contest, median } from '../contest.ts';
import { cpuByPart, killChildren, PARTS, type Part, program, run, type Server, serve } from '../processes.ts';
import { ours } from '../providers.ts';
import type { Row, Turn } from '../row.ts';
import type { Workspace } from '../workspace.ts';

const EMBEDDED = 'embedded';
const named = (processes: number) => `${processes} ${processes === 1 ? 'process' : 'processes'}`;
/** At the same time, each with an association. */
const SCUS = 12;
/** Of each SCU. */
const SEARCHES = 20;

/** @param size pixels of a side: 60 makes 8 KB, 512 makes 526 KB */
export async function scaleRow(
  workspace: Workspace,
  rounds: number,
  { name, count, size }: { readonly name: string; readonly count: number; readonly size: number },
): Promise<Row> {
  const instances = await workspace.images(count, size, { studies: SCUS });
  // Stored before, in the same studies, because the first operations of a process take longer.
  const earlier = await workspace.images(count, size, { studies: SCUS, first: count });
  const title = `${count.toLocaleString('en')} × ${Math.round(instances.bytes / count / 1000)} KB, ${SCUS} SCUs at once: C-STORE, ${SCUS * SEARCHES} C-FIND of a study, C-MOVE`;
  const services: Service[] = [];
  // A run that is interrupted must not leave servers behind.
  process.once('exit', killChildren);
  try {
    const home = workspace.folder();
    // The server of PostgreSQL may run as another user, who must reach its part.
    for (const folder of [workspace.path, home]) chmodSync(folder, 0o755);
    services.push(await startPostgresql(join(home, 'postgresql'), { fsync: true }));
    services.push(await startSwift(join(home, 'store')));
    for (const { environment } of services) Object.assign(process.env, environment);
    const [database, store] = services as [Service, Service];
    const run = new ScaleRun({ workspace, folder: instances.folder, earlier: earlier.folder, count, database, store });
    const contestants = [
      { name: EMBEDDED, turn: () => run.turn(0) },
      ...[1, 2, 3].map(
        (processes): Contestant => ({ name: named(processes), needs: ['haproxy'], turn: () => run.turn(processes) }),
      ),
    ];
    const row = await contest({ name, title, unit: 'operations', rounds, targets: [] }, contestants);
    return { ...row, notes: [...row.notes, ...run.notes()], counts: run.counts() };
  } catch (error) {
    if (!(error instanceof NotInstalledError)) throw error;
    return { name, title, unit: 'operations', standings: [], verdicts: [], notes: [`left out: ${error.message}`] };
  } finally {
    for (const service of services.reverse()) await service.stop();
    process.off('exit', killChildren);
    for (const { folder } of [instances, earlier]) workspace.remove(folder);
  }
}

interface ScaleRunOptions {
  readonly workspace: Workspace;
  /** The instances that are stored, and those that are stored before. */
  readonly folder: string;
  readonly earlier: string;
  /** Of each of both. */
  readonly count: number;
  readonly database: Service;
  readonly store: Service;
}

/** The turns of all contestants, with the CPU of each part. */
class ScaleRun {
  readonly #options: ScaleRunOptions;
  /** By contestant, operation and part, the milliseconds of each turn for each operation. */
  readonly #costs = new Map<string, Map<Part, number[]>>();
  readonly #indexBytes: number[] = [];
  #turns = 0;

  constructor(options: ScaleRunOptions) {
    this.#options = options;
  }

  /** @param processes 0: the embedded archive */
  async turn(processes: number): Promise<readonly Turn[]> {
    const { folder, earlier, count } = this.#options;
    const schema = `scale_${++this.#turns}`;
    const receiver = await serve(program('null-scp'));
    const running: { stop(): Promise<unknown> }[] = [receiver];
    try {
      const port =
        processes === 0
          ? await this.#embedded(receiver, running)
          : await this.#shared(processes, receiver, running, schema);
      const contestant = processes === 0 ? EMBEDDED : named(processes);
      const scu = (name: string, verb: string, ...args: readonly unknown[]) => [
        ...[...program(name), verb, `${port}`, 'BENCH'],
        ...args.map(String),
      ];
      const measure = (label: string, operations: number, command: readonly string[]) =>
        this.#measure(contestant, label, operations, command);
      await run(scu('scu', 'crowd', earlier, SCUS));
      await run(scu('crowd-scu', 'find', SCUS, SEARCHES));
      const bytes = processes === 0 ? 0 : await this.#bytesOf(schema);
      const turns = [
        await measure('store', count, scu('scu', 'crowd', folder, SCUS)),
        await measure('find', SCUS * SEARCHES, scu('crowd-scu', 'find', SCUS, SEARCHES)),
        await measure('move', 2 * count, scu('crowd-scu', 'move', SCUS, 2 * count)),
      ];
      if (processes > 0) this.#indexBytes.push(((await this.#bytesOf(schema)) - bytes) / count);
      return turns;
    } finally {
      for (const each of running.reverse()) await each.stop();
      if (processes > 0) await this.#sql(`drop schema if exists ${schema} cascade`);
    }
  }

  async #embedded(receiver: Server, running: { stop(): Promise<unknown> }[]): Promise<number> {
    const { workspace } = this.#options;
    const target = workspace.folder();
    const archive = await ours('--peer', `BENCH=127.0.0.1:${receiver.port}`).start(target);
    running.push({ stop: async () => workspace.remove(target) }, archive);
    return archive.port;
  }

  async #shared(
    processes: number,
    receiver: Server,
    running: { stop(): Promise<unknown> }[],
    schema: string,
  ): Promise<number> {
    const { workspace, database, store } = this.#options;
    const places: { port: number; httpPort: number }[] = [];
    for (let index = 0; index < processes; index++) {
      const [port, httpPort] = [await freePort(), await freePort()];
      const archive = await serve([
        ...[...program('dimse-scp'), '--port', `${port}`, '--host', '127.0.0.1', '--aet', 'BENCH'],
        ...['--http', `${httpPort}`, '--proxy', '127.0.0.1', '--peer', `BENCH=127.0.0.1:${receiver.port}`],
        ...['--index', withParameter(database.url, 'schema', schema), '--store', inFolder(store.url, schema)],
      ]);
      running.push(archive);
      places.push({ port, httpPort });
    }
    const home = workspace.folder();
    const haproxy = await startHaproxy(home, places);
    running.push(haproxy);
    return haproxy.port;
  }

  async #measure(contestant: string, label: string, operations: number, command: readonly string[]): Promise<Turn> {
    const before = cpuByPart();
    const { stdout } = await run(command);
    const after = cpuByPart();
    const key = `${label}, ${contestant}`;
    const costs = this.#costs.get(key) ?? new Map<Part, number[]>();
    this.#costs.set(key, costs);
    for (const part of PARTS) costs.set(part, [...(costs.get(part) ?? []), (after[part] - before[part]) / operations]);
    const { milliseconds } = JSON.parse(stdout) as { readonly milliseconds: number };
    return { label, milliseconds, amount: operations, cpu: after['dimse-scp'] - before['dimse-scp'] };
  }

  /** The CPU of each part for each operation, without the warm-up. */
  notes(): readonly string[] {
    return [...this.#costs].map(([key, costs]) => {
      const parts = [...costs].map(([part, values]) => `${part} ${median(values.slice(1)).toFixed(2)}`);
      return `CPU in ms for each ${key}: ${parts.join(', ')}`;
    });
  }

  counts(): Readonly<Record<string, number>> {
    return this.#indexBytes.length === 0
      ? {}
      : { 'bytes of the database for each instance': Math.round(median(this.#indexBytes)) };
  }

  /** With indexes. */
  async #bytesOf(schema: string): Promise<number> {
    const tables = `pg_class join pg_namespace on pg_namespace.oid = relnamespace where nspname = '${schema}' and relkind = 'r'`;
    return Number(await this.#sql(`select coalesce(sum(pg_total_relation_size(pg_class.oid)), 0) from ${tables}`));
  }

  async #sql(statement: string): Promise<string> {
    return (await run(['psql', '--quiet', '-At', '-c', statement, this.#options.database.url])).stdout.trim();
  }
}

function withParameter(address: string, name: string, value: string): string {
  const url = new URL(address);
  url.searchParams.set(name, value);
  return url.href;
}

/** A prefix of keys in the bucket. */
function inFolder(address: string, folder: string): string {
  return address.replace(/^(s3:\/\/[^/?]+)/, `$1/${folder}`);
}
