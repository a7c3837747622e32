// Three archives behind HAProxy on one database and one object store, and the faults that happen to them.

import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { freePort, type RunningScp, startScp } from '@x/testing/processes';
import { startCeph } from '../../services/ceph.ts';
import { startPostgresql } from '../../services/postgresql.ts';
import { endWithThisProcess, type Service } from '../../services/service.ts';
import { startSwift } from '../../services/swift.ts';
import { type BalancedArchive, type RunningHaproxy, STOP_DELAY, startHaproxy } from '../haproxy.ts';

export const ARCHIVE = 'ARCHIVE';
const ARCHIVES = 3;
/** Seconds that associations have to finish then. */
const DRAIN = 30;

export interface ClusterOptions {
  readonly folder: string;
  readonly store: 'swift' | 'ceph';
  /** Ports of 127.0.0.1 by AE title: move destinations, and peers that are told of commitments. */
  readonly peers: ReadonlyMap<string, number>;
  /** Told of processes that end by themselves. */
  readonly onFault: (text: string) => void;
}

/** One of the archives, which may run as one process after the other. */
export interface Archive extends BalancedArchive {
  /** The last is the present one. */
  readonly processes: RunningScp[];
}

/** A kill of a process. */
export interface Kill {
  /** When the process had ended. Its port accepts connections until then, which are lost. */
  ended: number;
  /** The calling AE titles of the associations that the process had. */
  readonly callers: Promise<ReadonlySet<string>>;
}

export class Cluster implements AsyncDisposable {
  readonly archives: readonly Archive[];
  readonly postgresql: Service;
  readonly store: Service;
  readonly kills: Kill[] = [];
  readonly #options: ClusterOptions;
  /** Processes that are to end. */
  readonly #ending = new Set<RunningScp>();
  #haproxy: RunningHaproxy | undefined;

  private constructor(options: ClusterOptions, archives: readonly Archive[], postgresql: Service, store: Service) {
    this.#options = options;
    this.archives = archives;
    this.postgresql = postgresql;
    this.store = store;
  }

  static async start(options: ClusterOptions): Promise<Cluster> {
    const { folder } = options;
    const archives: Archive[] = [];
    for (let index = 0; index < ARCHIVES; index++)
      archives.push({ port: await freePort(), httpPort: await freePort(), processes: [] });
    const postgresql = await startPostgresql(join(folder, 'postgresql'), { fsync: true });
    let cluster: Cluster | undefined;
    try {
      const startStore = options.store === 'ceph' ? startCeph : startSwift;
      const store = await startStore(join(folder, options.store));
      cluster = new Cluster(options, archives, postgresql, store);
      await Promise.all(archives.map((archive) => cluster?.run(archive)));
      const home = join(folder, 'haproxy');
      mkdirSync(home);
      cluster.#haproxy = await startHaproxy(home, archives);
      return cluster;
    } catch (error) {
      await (cluster ? cluster[Symbol.asyncDispose]() : postgresql.stop());
      throw error;
    }
  }

  /** The port of HAProxy. */
  get port(): number {
    return this.#haproxy?.port ?? 0;
  }

  /** Starts a process for an archive, and waits until it listens. */
  async run(archive: Archive): Promise<void> {
    const { peers } = this.#options;
    const process = await startScp(
      [
        ...['--aet', ARCHIVE, '--port', `${archive.port}`, '--http', `${archive.httpPort}`, '--log-format', 'json'],
        ...['--index', `${this.postgresql.url}?schema=trial`, '--store', this.store.url.replace('?', '/trial?')],
        ...['--proxy', '127.0.0.1', '--stop-delay', `${STOP_DELAY}`, '--drain', `${DRAIN}`],
        ...[...peers].flatMap(([aeTitle, port]) => ['--peer', `${aeTitle}=127.0.0.1:${port}`]),
      ],
      { env: this.store.environment },
    );
    archive.processes.push(endWithThisProcess(process));
    void process.outcome.then(({ exitCode, stderr }) => {
      if (!this.#ending.has(process)) this.#options.onFault(`a process ended with ${exitCode}: ${stderr.slice(-2000)}`);
    });
  }

  /** Kills a process, starts another in its place, and waits until HAProxy gives it associations. */
  async kill(archive: Archive): Promise<void> {
    const ended = this.#endingOf(archive).stop('SIGKILL');
    const kill: Kill = { ended: Infinity, callers: ended.then(({ stderr }) => openAssociations(stderr)) };
    this.kills.push(kill);
    await ended;
    kill.ended = Date.now();
    await this.run(archive);
    await this.#haproxy?.ready();
  }

  /** Restarts a process in an orderly way. @throws Error if it aborts an association */
  async drain(archive: Archive): Promise<void> {
    const process = this.#endingOf(archive);
    // `stop` would kill it before the associations have had their time.
    process.child.kill('SIGTERM');
    const { exitCode, stderr } = await process.outcome;
    const [, aborted] = /stopped: \d+ associations finished, (\d+) aborted/.exec(stderr) ?? [];
    if (exitCode !== 0 || aborted !== '0')
      throw new Error(`the process that was drained ended with ${exitCode}, ${aborted} associations aborted`);
    await this.run(archive);
    await this.#haproxy?.ready();
  }

  /** Restarts the database without an orderly stop. */
  async crashDatabase(): Promise<void> {
    await this.postgresql.stop('crash');
    await this.postgresql.start();
    await this.#haproxy?.ready();
  }

  /** Stops the object store for a while. */
  async stopStore(seconds: number): Promise<void> {
    await this.store.stop('crash');
    await new Promise((resolve) => setTimeout(resolve, seconds * 1000));
    await this.store.start();
    await this.#haproxy?.ready();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#haproxy?.stop('SIGKILL');
    const present = this.archives.filter(({ processes }) => processes.length > 0);
    await Promise.all(present.map((archive) => this.#endingOf(archive).stop('SIGKILL')));
    await this.store.stop();
    await this.postgresql.stop();
  }

  /** The present process of an archive, which is to end now. */
  #endingOf({ processes }: Archive): RunningScp {
    const process = processes.at(-1);
    if (!process) throw new Error('the archive has not been started');
    this.#ending.add(process);
    return process;
  }
}

/** The calling AE titles of the associations that a process has accepted and not seen end, from its log. */
function openAssociations(log: string): Set<string> {
  const callers = new Map<string, string>();
  for (const line of log.split('\n')) {
    if (!line.includes('"event":"association"')) continue;
    const { type, association, summary } = JSON.parse(line) as Record<string, string>;
    if (type === 'accepted') callers.set(String(association), String(summary).replace(/ → .*/, ''));
    else callers.delete(String(association));
  }
  return new Set(callers.values());
}
