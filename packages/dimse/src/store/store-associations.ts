// The associations that instances are sent on: as few as possible, and reopened if one is lost (PS3.4 Annex B).

import { AssociationRejectedError, type ProposedContext } from '@x/net';
import { MAXIMUM_PRESENTATION_CONTEXTS, onAbort, windowOf } from '@x/net/internal';
import { aNumber, type OptionRules } from '@x/pdu/internal';
import { timers } from '../node-modules.ts';
import type { DataSetTranscoder } from '../pixel-data/decompressor.ts';
import { type InstanceKind, storage, storageContexts } from '../services/storage.ts';
import { type OpenSessionOptions, openSession } from '../session/scu.ts';
import type { Session } from '../session/session.ts';
import type { SendableInstance } from './instance-source.ts';

/** A peer that instances are sent to, with the options of its associations. */
export type StoreDestination = OpenSessionOptions extends infer O
  ? O extends unknown
    ? Omit<O, 'services' | 'serves' | 'sends' | 'contexts' | 'signal'>
    : never
  : never;

/** A target of instances: one or several associations with a peer. */
export interface StoreTarget {
  /** The number of instances that may be sent at once: one until a peer that may accept more has told its window. */
  readonly lanes: number;
  /** The most that `lanes` can become. */
  readonly mostLanes: number;
  /** The session for an instance. @throws if there is none: then no other instance can be sent either. */
  sessionFor(
    instance: SendableInstance,
    upcoming: () => Iterable<SendableInstance>,
  ): StoreSession | Promise<StoreSession>;
  /** Tells that a session was lost; returns whether another one may be opened. */
  lost(session: StoreSession): boolean;
  /** Releases the associations that were opened, or aborts them with the reason. Never rejects. */
  close(reason?: Error): Promise<void>;
}

/** The part of a session that sending needs. */
export type StoreSession = Pick<Session, 'association' | 'use' | 'abort'>;

/** How a transfer continues after an association was lost. */
export interface RecoveryLimits {
  /**
   * The number of associations lost in a row without a response after which the transfer ends, from 1 on. An instance on
   * which the peer ends the association is tried on two, so that half as many such instances in a row end it. Default: 20.
   */
  readonly lostAssociations?: number;
  /** The number of further attempts to reopen a lost association, from 0 on. Default: 3. */
  readonly reconnections?: number;
  /** Milliseconds before the first of these attempts, from 0 on; doubled before each next one. Default: 500. */
  readonly reconnectionDelay?: number;
}

export const RECOVERY_RULES: OptionRules<RecoveryLimits> = {
  lostAssociations: aNumber,
  reconnections: aNumber,
  reconnectionDelay: aNumber,
};

export interface StoreAssociationOptions extends RecoveryLimits {
  /** Transfer syntaxes that are also proposed for each SOP class. */
  readonly furtherTransferSyntaxes?: readonly string[] | undefined;
  /** Whether only the contexts are proposed that carry the instances as they are. */
  readonly isOnlyRequired?: boolean | undefined;
  readonly transcoder?: DataSetTranscoder | undefined;
  readonly onSession?: ((session: Session) => void) | undefined;
}

interface Opened {
  readonly contexts: readonly ProposedContext[];
  readonly kinds: ReadonlySet<string>;
  readonly session: Promise<Session>;
  /** The same when it has been opened. */
  established?: Session;
}

export class StoreAssociations implements StoreTarget {
  readonly mostLanes: number;
  /** The largest window that the peer has accepted. */
  #window = 1;
  readonly #destination: StoreDestination;
  readonly #signal: AbortSignal;
  readonly #opened: Opened[] = [];
  readonly #lost = new WeakSet<StoreSession>();
  #hasLost = false;
  readonly #options: StoreAssociationOptions;

  /** @param signal Aborts the associations. */
  constructor(destination: StoreDestination, signal: AbortSignal, options: StoreAssociationOptions = {}) {
    this.#destination = destination;
    this.#signal = signal;
    this.#options = options;
    onAbort(signal, (reason) => this.#abort(reason));
    this.mostLanes = Math.min(windowOf(destination.asynchronousOperations).invoke, MOST_LANES);
  }

  get lanes(): number {
    return Math.min(this.#window, this.mostLanes);
  }

  sessionFor(
    instance: SendableInstance,
    upcoming: () => Iterable<SendableInstance>,
  ): StoreSession | Promise<StoreSession> {
    const { established } = this.#opened.find((opened) => this.#covers(opened, instance)) ?? {};
    const isUsable = established?.association.isEstablished && !this.#lost.has(established);
    return isUsable ? established : this.#openedFor(instance, upcoming);
  }

  async #openedFor(instance: SendableInstance, upcoming: () => Iterable<SendableInstance>): Promise<Session> {
    for (const opened of [...this.#opened]) {
      if (!this.#covers(opened, instance)) continue;
      const session = await opened.session;
      if (session.association.isEstablished && !this.#lost.has(session)) return session;
      this.#forget(opened);
    }
    // Another lane may have opened one in the meantime.
    const again = this.#opened.find((opened) => this.#covers(opened, instance));
    return again ? again.session : this.#openedFurther(this.#plan(instance, upcoming()));
  }

  /**
   * Opens an association for kinds that no other one carries. A target with one lane sends nothing meanwhile: its other
   * associations are released before, if one can carry all kinds, because some peers accept one association at a time.
   */
  async #openedFurther(contexts: readonly ProposedContext[]): Promise<Session> {
    const before = this.lanes === 1 ? [...this.#opened] : [];
    const all = new Map(
      [...before.flatMap((opened) => opened.contexts), ...contexts].map((context) => [kindOfContext(context), context]),
    );
    if (before.length === 0 || all.size > MAXIMUM_PRESENTATION_CONTEXTS) return this.#open(contexts).session;
    await Promise.all(before.map((opened) => ended(opened)));
    for (const opened of before) this.#forget(opened);
    return this.#open([...all.values()]).session;
  }

  lost(session: StoreSession): boolean {
    this.#lost.add(session);
    this.#hasLost = true;
    session.abort();
    return !this.#signal.aborted;
  }

  async close(reason?: Error): Promise<void> {
    await Promise.all(this.#opened.splice(0).map((opened) => ended(opened, reason)));
  }

  #abort(reason: unknown): void {
    for (const { session } of this.#opened)
      session.then(
        (opened) => opened.abort(reason instanceof Error ? reason : undefined),
        () => {},
      );
  }

  /** The presentation contexts for this instance and for as many waiting ones as fit on one association. */
  #plan(instance: SendableInstance, upcoming: Iterable<SendableInstance>): readonly ProposedContext[] {
    const covered = (each: SendableInstance) => this.#opened.some((opened) => this.#covers(opened, each));
    const planned = [instance, ...[...upcoming].filter((each) => !covered(each))];
    const { furtherTransferSyntaxes = [], isOnlyRequired } = this.#options;
    const further = furtherTransferSyntaxes.flatMap((transferSyntax) =>
      planned.map(({ sopClass }) => ({ sopClass, transferSyntax })),
    );
    const [contexts = []] = storageContexts([...planned.flatMap((each) => this.#forms(each)), ...further]);
    if (!isOnlyRequired) return contexts;
    const required = new Set(planned.map(({ sopClass, transferSyntax }) => kindOf(sopClass, transferSyntax)));
    return contexts.filter((context) => required.has(kindOfContext(context)));
  }

  /** The instance as it is, and in the transfer syntaxes in which it can be sent instead. */
  #forms({ sopClass, transferSyntax }: InstanceKind): InstanceKind[] {
    const { transcoder, isOnlyRequired } = this.#options;
    const alternatives = (!isOnlyRequired && transcoder?.alternatives(transferSyntax)) || [];
    return [transferSyntax, ...alternatives].map((each) => ({ sopClass, transferSyntax: each }));
  }

  #covers({ kinds }: Opened, instance: InstanceKind): boolean {
    const { sopClass, transferSyntax } = instance;
    if (!this.#options.transcoder) return kinds.has(kindOf(sopClass, transferSyntax));
    return this.#forms(instance).every((form) => kinds.has(kindOf(form.sopClass, form.transferSyntax)));
  }

  #open(contexts: readonly ProposedContext[]): Opened {
    const kinds = new Set(contexts.map(kindOfContext));
    const options = { ...this.#destination, services: [storage], contexts, signal: this.#signal };
    const opening = this.#hasLost ? this.#reopen(options) : openSession(options as OpenSessionOptions);
    const session = opening.then((established) => {
      this.#options.onSession?.(established);
      return established;
    });
    const opened: Opened = { contexts, kinds, session };
    opened.session.then(
      (established) => {
        opened.established = established;
        this.#window = Math.max(this.#window, established.association.asynchronousOperations.invoke);
      },
      () => this.#forget(opened),
    );
    this.#opened.push(opened);
    return opened;
  }

  /** A peer that lost an association may need time until it accepts another one, for example if it is restarted. */
  async #reopen(options: object): Promise<Session> {
    const { reconnections = RECONNECTIONS, reconnectionDelay = RECONNECTION_DELAY } = this.#options;
    for (let failures = 0; ; failures++) {
      try {
        return await openSession(options as OpenSessionOptions);
      } catch (error) {
        const isFinal = error instanceof AssociationRejectedError && !error.isTransient;
        if (isFinal || failures >= reconnections || this.#signal.aborted) throw error;
        await timers()
          .setTimeout(reconnectionDelay * 2 ** failures, undefined, { signal: this.#signal })
          .catch(() => {});
        this.#signal.throwIfAborted();
      }
    }
  }

  #forget(opened: Opened): void {
    const at = this.#opened.indexOf(opened);
    if (at >= 0) this.#opened.splice(at, 1);
  }
}

/** The association of a C-GET, which belongs to its requestor. */
export class BorrowedAssociation implements StoreTarget {
  readonly lanes: number;
  readonly mostLanes: number;
  readonly #session: StoreSession;

  constructor(session: StoreSession) {
    this.#session = session;
    this.lanes = Math.min(session.association.asynchronousOperations.invoke, MOST_LANES);
    this.mostLanes = this.lanes;
  }

  sessionFor(): StoreSession {
    return this.#session;
  }

  lost(): boolean {
    return false;
  }

  async close(): Promise<void> {}
}

/** The limit for any window, because each lane has a file open. */
const MOST_LANES = 32;
const RECONNECTIONS = 3;
const RECONNECTION_DELAY = 500;

/** Releases an association if it was opened, or aborts it with the reason. Never rejects. */
async function ended({ session }: Opened, reason?: Error): Promise<void> {
  let opened: Session;
  try {
    opened = await session;
  } catch {
    return;
  }
  if (reason) opened.abort(reason);
  else await opened.release().catch(() => opened.abort());
}

function kindOfContext({ abstractSyntax, transferSyntaxes: [transferSyntax] }: ProposedContext): string {
  return kindOf(abstractSyntax, transferSyntax);
}

function kindOf(sopClass: string, transferSyntax: string | undefined): string {
  return `${sopClass} ${transferSyntax}`;
}
