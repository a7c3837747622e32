// Distributes presentation contexts over as many associations as they need: PS3.8 §7.1.1.13.

import { MAXIMUM_PRESENTATION_CONTEXTS } from '@x/pdu';
import type { ProposedContext, Roles } from './negotiation.ts';

/** SOP classes to negotiate in the same way. */
export interface ContextNeed {
  /** UIDs of SOP classes. Each gets a presentation context. */
  readonly sopClasses: readonly string[];
  /** In the order of preference. */
  readonly transferSyntaxes: readonly string[];
  /** Roles that the requestor wants. Default SCU only. */
  readonly roles?: Partial<Roles>;
  /**
   * Proposes each transfer syntax in its own context, for senders whose data are already encoded and that need to know
   * for each transfer syntax whether it is accepted. Default false: one context, from which the acceptor chooses.
   */
  readonly separately?: boolean;
  /** Proposed on each association, such as the retrieve model if storage contexts need several. Default false. */
  readonly everywhere?: boolean;
}

/**
 * Plans the contexts for all needs, without duplicates: one group of at most `limit` contexts (at most 128) for each
 * association. Without needs there are no groups.
 * @throws RangeError if the contexts for each association leave no room for the others.
 */
export function planAssociations(
  needs: Iterable<ContextNeed>,
  limit = MAXIMUM_PRESENTATION_CONTEXTS,
): ProposedContext[][] {
  const everywhere = new Map<string, ProposedContext>();
  const once = new Map<string, ProposedContext>();
  for (const need of needs) {
    for (const context of contextsOf(need)) {
      const { abstractSyntax, transferSyntaxes, roles } = context;
      const key = [abstractSyntax, roles?.scu ?? true, roles?.scp ?? false, ...transferSyntaxes].join(' ');
      (need.everywhere ? everywhere : once).set(key, context);
    }
  }
  for (const key of everywhere.keys()) once.delete(key);
  const most = Math.min(limit, MAXIMUM_PRESENTATION_CONTEXTS) - everywhere.size;
  if (most < (once.size > 0 ? 1 : 0))
    throw new RangeError(`${everywhere.size} presentation contexts on each association leave no room for others`);
  if (once.size === 0) return everywhere.size > 0 ? [[...everywhere.values()]] : [];
  const contexts = [...once.values()];
  const groups: ProposedContext[][] = [];
  for (let start = 0; start < contexts.length; start += most)
    groups.push([...everywhere.values(), ...contexts.slice(start, start + most)]);
  return groups;
}

function contextsOf({ sopClasses, transferSyntaxes, roles, separately }: ContextNeed): ProposedContext[] {
  const groups = separately ? transferSyntaxes.map((uid) => [uid]) : [[...transferSyntaxes]];
  return sopClasses.flatMap((abstractSyntax) =>
    groups.map((group) => ({ abstractSyntax, transferSyntaxes: group, ...(roles && { roles }) })),
  );
}
