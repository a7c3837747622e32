// From what is to be exchanged to the presentation contexts of one association or several: PS3.8 §7.1.1.13.

import { MAXIMUM_PRESENTATION_CONTEXTS } from '@x/pdu';
import type { ProposedContext, Roles } from './negotiation.ts';

/** SOP classes that are to be negotiated alike. */
export interface ContextNeed {
  readonly sopClasses: readonly string[];
  /** In the order of preference. */
  readonly transferSyntaxes: readonly string[];
  /** What the requestor wants to be. Default SCU only. */
  readonly roles?: Partial<Roles>;
  /**
   * Each transfer syntax in a context of its own: for a sender whose data are encoded already, and who must know that
   * each of them is accepted rather than one. Default false: one context, of which the acceptor chooses.
   */
  readonly separately?: boolean;
  /** On each of the associations, such as the retrieve model where storage contexts need several. Default false. */
  readonly everywhere?: boolean;
}

/**
 * The contexts for all needs, each once, in groups of at most `limit` (128 at most), one for each association; none
 * for no needs.
 * @throws RangeError where what is needed everywhere leaves no room for the rest.
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
