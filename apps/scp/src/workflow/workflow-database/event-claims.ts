// The claims of several processes on the peers of one event queue.

import type { EventClaim, EventQueue } from '@x/dimse/workflow';
import { type Kysely, type Selectable, sql } from 'kysely';
import type { Tables } from './schema.ts';
import type { WorkflowDatabase, WorkflowSharing } from './workflow-database.ts';

/** Notified when an event is added, or a claim ends and events wait for its peer. */
const CHANNEL = 'event_report';

/** Tells all processes that a transaction adds an event. With `isNear`, this process delivers it unless another one is at work. */
export async function announceEvent(
  { database, claims }: WorkflowSharing,
  tables: Kysely<Tables>,
  peer: string,
  isNear: boolean,
): Promise<void> {
  if (isNear) await claims.acquire(nameOf(peer), tables);
  await database.notify(CHANNEL, '', tables);
}

/**
 * The claims of a queue in a shared database. Events that were not attempted yet are always due: the clocks of processes
 * differ. @param isEvent Decodes a row.
 */
export function eventClaims<Event extends EventClaim['event']>(
  workflow: WorkflowDatabase,
  sharing: WorkflowSharing,
  eventOf: (row: Selectable<Tables['event_report']>) => Promise<Event>,
): Required<Pick<EventQueue, 'claim' | 'watch'>> {
  const { database, claims } = sharing;
  /** Peers whose claims have been given and have not ended. */
  const given = new Set<string>();
  const due = (tables: Kysely<Tables>) =>
    tables.selectFrom('event_report').where(sql<boolean>`(attempts = 0 or not_before <= ${NOW})`);

  async function peerWithEvents(except: Iterable<string>): Promise<string | undefined> {
    const row = await due(workflow.tables)
      .select('peer')
      .where(sql<boolean>`peer <> all(${[...except]})`)
      .where(claims.isFree(sql`${PREFIX} || peer`))
      .orderBy('not_before')
      .orderBy('sequence')
      .limit(1)
      .executeTakeFirst();
    return row?.peer;
  }

  function claimOf(event: Event): EventClaim {
    const { peer } = event.report;
    const name = nameOf(peer);
    return {
      event,
      signal: claims.watch(name),
      async postpone(attempts, milliseconds) {
        await workflow.use((tables) =>
          tables
            .updateTable('event_report')
            .set({ attempts, not_before: sql<number>`${NOW} + ${milliseconds}` })
            .where('id', '=', event.id)
            .where(claims.isMine(sql`${name}`))
            .execute(),
        );
      },
      async end() {
        given.delete(peer);
        if (!(await claims.release(name))) return;
        const rest = workflow.tables.selectFrom('event_report').select('id').where('peer', '=', peer).limit(1);
        if (await rest.executeTakeFirst()) await database.notify(CHANNEL);
      },
    };
  }

  return {
    async claim(exceptPeers) {
      const except = new Set([...exceptPeers, ...given]);
      for (;;) {
        const peer = await peerWithEvents(except);
        if (peer === undefined) return undefined;
        // If another process is faster, or has delivered the event meanwhile, there may be other peers.
        except.add(peer);
        const name = nameOf(peer);
        if (given.has(peer) || !(await claims.acquire(name))) continue;
        given.add(peer);
        try {
          const row = await due(workflow.tables)
            .selectAll()
            .where('peer', '=', peer)
            .orderBy('sequence')
            .limit(1)
            .executeTakeFirst();
          if (row) return claimOf(await eventOf(row));
        } catch (error) {
          given.delete(peer);
          await claims.release(name).catch(() => {});
          throw error;
        }
        given.delete(peer);
        await claims.release(name);
      }
    },
    watch(look) {
      const listening = database.listen(CHANNEL, look);
      return () => listening[Symbol.dispose]();
    },
  };
}

const PREFIX = 'event ';
const nameOf = (peer: string) => `${PREFIX}${peer}`;

/** Milliseconds since 1970, by the clock of the database. */
const NOW = sql<number>`extract(epoch from clock_timestamp()) * 1000`;
