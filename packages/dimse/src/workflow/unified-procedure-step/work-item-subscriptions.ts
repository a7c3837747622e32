// Who is told of work items, and the telling: PS3.4 Table CC.2.3-2, §CC.2.3.3 and §CC.2.4.3.

import { matchesIdentifier } from '../../data-set/attribute-matching.ts';
import type { DataSet } from '../../data-set/dataset.ts';
import { DimseError } from '../../message/errors.ts';
import {
  FILTERED_GLOBAL_SUBSCRIPTION_INSTANCE,
  GLOBAL_SUBSCRIPTION_INSTANCE,
  UnifiedProcedureStepStatus as UpsStatus,
  unifiedProcedureStep,
} from '../../services/unified-procedure-step.ts';
import type { ServiceSession } from '../../session/service-class.ts';
import type { EventDelivery } from '../event-delivery/event-delivery.ts';
import type { WorkItem } from './unified-procedure-step.ts';
import { restartReport, stateReport, type WorkItemReport } from './unified-procedure-step-reports.ts';
import type { WorkItemStore } from './work-item-store.ts';

export interface WorkItemSubscriptionsOptions {
  readonly store: WorkItemStore;
  readonly delivery: EventDelivery | undefined;
  /** Told when the delivery does not take an event. */
  readonly failed: ((error: unknown, peer: string, sopInstance: string) => void) | undefined;
}

export class WorkItemSubscriptions {
  readonly #options: WorkItemSubscriptionsOptions;
  /** Associations of subscribers, on which they may take events. */
  readonly #sessions = new Map<string, ServiceSession>();

  constructor(options: WorkItemSubscriptionsOptions) {
    this.#options = options;
  }

  /** Events go to a peer on its own association, while that lives. */
  use(session: ServiceSession, peer: string): void {
    this.#sessions.set(peer, session);
    void session.association.closed.then(() => {
      if (this.#sessions.get(peer) === session) this.#sessions.delete(peer);
    });
  }

  /**
   * To one work item, or to all that are there and to come: those that `information` matches, for the filtered global
   * instance. @throws DimseError C307H for a work item that is not there.
   */
  async subscribe(sopInstance: string, peer: string, information: DataSet, hasDeletionLock: boolean): Promise<void> {
    const { store } = this.#options;
    const isFiltered = sopInstance === FILTERED_GLOBAL_SUBSCRIPTION_INSTANCE;
    if (sopInstance !== GLOBAL_SUBSCRIPTION_INSTANCE && !isFiltered) {
      const isThere = await store.subscribe({ peer, sopInstance, hasDeletionLock });
      const item = isThere ? await store.get(sopInstance) : undefined;
      if (!item) throw new DimseError(UpsStatus.NoSuchWorkItem);
      await this.#tell(peer, sopInstance, stateReport(item));
      return;
    }
    const { ReceivingAE: _, DeletionLock: __, ...keys } = information;
    const filter = isFiltered ? { keys } : {};
    await store.subscribe({ peer, sopInstance: GLOBAL_SUBSCRIPTION_INSTANCE, hasDeletionLock, ...filter });
    for await (const [existing, item] of store.items()) {
      if (isFiltered && !matchesIdentifier(item.attributes, keys)) continue;
      // What was said of one work item goes before what is said of all.
      if ((await store.subscriptions(existing)).some((one) => one.peer === peer)) continue;
      const isThere = await store.subscribe({ peer, sopInstance: existing, hasDeletionLock });
      if (isThere && hasDeletionLock) await this.#tell(peer, existing, stateReport(item));
    }
  }

  /** Ends them: of one work item, or all. `isSuspended` ends those to come alone. @throws DimseError C307H, C314H. */
  async unsubscribe(sopInstance: string, peer: string, isSuspended: boolean): Promise<void> {
    const { store } = this.#options;
    const isGlobal = [GLOBAL_SUBSCRIPTION_INSTANCE, FILTERED_GLOBAL_SUBSCRIPTION_INSTANCE].includes(sopInstance);
    if (isSuspended && !isGlobal) throw new DimseError(UpsStatus.ActionDoesNotSuit);
    if (isSuspended) return store.unsubscribe(peer, GLOBAL_SUBSCRIPTION_INSTANCE);
    if (isGlobal) return store.unsubscribe(peer);
    if (!(await store.get(sopInstance))) throw new DimseError(UpsStatus.NoSuchWorkItem);
    await store.unsubscribe(peer, sopInstance);
  }

  /** Those who want all work items, or such as this, are subscribed to a new one. */
  async subscribeToNew(sopInstance: string, item: WorkItem): Promise<void> {
    const { store } = this.#options;
    for (const { peer, hasDeletionLock, keys } of await store.subscriptions(GLOBAL_SUBSCRIPTION_INSTANCE))
      if (!keys || matchesIdentifier(item.attributes, keys))
        await store.subscribe({ peer, sopInstance, hasDeletionLock });
  }

  async isAnySubscribed(sopInstance: string): Promise<boolean> {
    return (await this.#options.store.subscriptions(sopInstance)).length > 0;
  }

  /** Tells the subscribers of a work item. */
  async report(sopInstance: string, reports: readonly WorkItemReport[]): Promise<void> {
    if (reports.length === 0) return;
    for (const { peer } of await this.#options.store.subscriptions(sopInstance))
      for (const report of reports) await this.#tell(peer, sopInstance, report);
  }

  /** Tells all subscribers, and others, that the provider has been restarted: each once, on the instance for all. */
  async reportRestart(isWarm: boolean, others: readonly string[]): Promise<void> {
    for (const peer of new Set([...others, ...(await this.#options.store.subscribers())]))
      await this.#tell(peer, GLOBAL_SUBSCRIPTION_INSTANCE, restartReport(isWarm), `restart\\${peer}`);
  }

  // The change is made: who made it is answered success, whoever cannot be told of it.
  async #tell(peer: string, sopInstance: string, report: WorkItemReport, id?: string): Promise<void> {
    try {
      await this.#options.delivery?.deliver(
        { peer, sopClass: Push.uid, abstractSyntax: Event.uid, sopInstance, ...report },
        this.#sessions.get(peer),
        id,
      );
    } catch (error) {
      this.#options.failed?.(error, peer, sopInstance);
    }
  }
}

const { Push, Event } = unifiedProcedureStep.sopClasses;
