// The presentation contexts of a C-GET: its own, and those for the instances that it may bring (PS3.4 §C.4.3).

import { type ContextNeed, type ProposedContext, planAssociations } from '@x/net';
import { MAXIMUM_PRESENTATION_CONTEXTS } from '@x/net/internal';
import { DEFAULT_TRANSFER_SYNTAXES } from '../data-set/dataset.ts';
import { FURTHER_STORAGE_SOP_CLASSES, TransferSyntax } from '../registry/uids.generated.ts';
import { storage } from '../services/storage.ts';
import type { Session } from '../session/session.ts';

/** The default SOP classes of retrieved instances: all of PS3.6 Table A-1, retired ones included, the common ones first. */
export const RETRIEVED_SOP_CLASSES: readonly string[] = [
  ...Object.keys(storage.sopClasses),
  ...FURTHER_STORAGE_SOP_CLASSES,
];

const FREQUENT_TRANSFER_SYNTAXES: readonly string[] = [
  TransferSyntax.ExplicitVRLittleEndian,
  TransferSyntax.ImplicitVRLittleEndian,
  TransferSyntax.JPEGBaseline8Bit,
  TransferSyntax.JPEGLosslessSV1,
  TransferSyntax.JPEG2000Lossless,
  TransferSyntax.JPEG2000,
  TransferSyntax.JPEGLSLossless,
  TransferSyntax.JPEGLSNearLossless,
  TransferSyntax.RLELossless,
  TransferSyntax.JPEGExtended12Bit,
  TransferSyntax.JPEGLossless,
  TransferSyntax.DeflatedExplicitVRLittleEndian,
  TransferSyntax.ExplicitVRBigEndian,
  TransferSyntax.MPEG4HP41,
  TransferSyntax.MPEG2MPML,
  TransferSyntax.HTJ2KLossless,
  TransferSyntax.HTJ2K,
];

/** Retired processes of JPEG, and those that are not used for instances in associations. */
const UNUSED_TRANSFER_SYNTAXES = /^1\.2\.840\.10008\.1\.(?:2\.4\.5[2-68-9]|2\.4\.6\d|2\.[67]\..*|20)$/;

/** The default transfer syntaxes of retrieved instances, the common ones first. */
export const RETRIEVED_TRANSFER_SYNTAXES: readonly string[] = [
  ...new Set([
    ...FREQUENT_TRANSFER_SYNTAXES,
    ...Object.values<string>(TransferSyntax).filter((uid) => !UNUSED_TRANSFER_SYNTAXES.test(uid)),
  ]),
];

/** The transfer syntaxes of the instances of each SOP class. */
export type RetrievedKinds = ReadonlyMap<string, ReadonlySet<string>>;

const ROLES = { scu: false, scp: true };

/**
 * Plans the contexts of the associations of a retrieval. Each SOP class has a context with all transfer syntaxes. A peer
 * that does not transcode needs a further one for each other transfer syntax of its instances. These are proposed at once
 * if all of them fit on one association, and otherwise if instances are missing.
 */
export class RetrieveContexts {
  readonly #model: ContextNeed;
  readonly #kinds: RetrievedKinds;
  readonly #transferSyntaxes: readonly string[];
  /** The transfer syntaxes that the peer accepted for a SOP class. None: it takes none of its contexts. */
  readonly #accepted = new Map<string, Set<string>>();
  /** The pairs that were proposed in a context of several transfer syntaxes or of their own. */
  readonly #proposed = new Set<string>();
  /** The pairs that were proposed in a context of their own. */
  readonly #alone = new Set<string>();

  /** @param transferSyntaxes Those of the contexts with all of them. */
  constructor(retrieveSopClass: string, kinds: RetrievedKinds, transferSyntaxes: readonly string[]) {
    this.#model = { sopClasses: [retrieveSopClass], transferSyntaxes: DEFAULT_TRANSFER_SYNTAXES, everywhere: true };
    this.#kinds = kinds;
    this.#transferSyntaxes = transferSyntaxes;
  }

  /** Whether all contexts fit on one association. */
  get isWhole(): boolean {
    let count = 1 + this.#kinds.size;
    for (const { size } of this.#kinds.values()) count += size;
    return count <= MAXIMUM_PRESENTATION_CONTEXTS;
  }

  /** The contexts with all transfer syntaxes, and the others if all of them fit on one association. */
  first(): readonly (readonly ProposedContext[])[] {
    const alone = this.isWhole ? this.#needsAlone(this.#kinds) : [];
    return planAssociations([this.#model, ...this.#needsTogether(this.#kinds), ...alone]);
  }

  /** Contexts for instances that are requested again because of what happened to others. */
  again(kinds: RetrievedKinds): readonly (readonly ProposedContext[])[] {
    return planAssociations([this.#model, ...this.#needsTogether(kinds), ...this.#needsAlone(kinds)]);
  }

  /** The contexts of one transfer syntax that may bring an instance and were not proposed yet, the likely ones first. */
  further(kinds: RetrievedKinds = this.#kinds): readonly (readonly ProposedContext[])[] {
    const needs = this.#needsAlone(kinds).filter(({ sopClasses: [sopClass = ''], transferSyntaxes: [uid = ''] }) => {
      const accepted = this.#accepted.get(sopClass);
      // A peer that takes no context of a SOP class will not take another one.
      return !this.#alone.has(pair(sopClass, uid)) && accepted?.size !== 0 && !accepted?.has(uid);
    });
    return needs.length === 0 ? [] : planAssociations([this.#model, ...needs]);
  }

  /**
   * The pairs that the peer accepted beside others of their SOP class, each as the only context of its SOP class: some peers
   * send every instance of a SOP class on the first of its contexts.
   */
  separate(kinds: RetrievedKinds): readonly (readonly ProposedContext[])[] {
    const bySyntax = new Map<string, string[]>();
    for (const [sopClass, own] of kinds) {
      const accepted = this.#accepted.get(sopClass) ?? new Set();
      if (accepted.size > 1)
        for (const uid of own) if (accepted.has(uid)) bySyntax.set(uid, [...(bySyntax.get(uid) ?? []), sopClass]);
    }
    return [...bySyntax].flatMap(([uid, sopClasses]) =>
      planAssociations([this.#model, { sopClasses, transferSyntaxes: [uid], roles: ROLES }]),
    );
  }

  /** Remembers the answer of the peer. */
  negotiated({ association }: Session): void {
    for (const { abstractSyntax, transferSyntaxes } of association.request.presentationContexts) {
      if (!this.#accepted.has(abstractSyntax)) this.#accepted.set(abstractSyntax, new Set());
      for (const uid of transferSyntaxes) this.#proposed.add(pair(abstractSyntax, uid));
      if (transferSyntaxes.length === 1) this.#alone.add(pair(abstractSyntax, transferSyntaxes[0] as string));
    }
    for (const { abstractSyntax, transferSyntax, roles } of association.contexts.values())
      if (roles.scp) this.#accepted.get(abstractSyntax)?.add(transferSyntax);
  }

  /** The transfer syntaxes that the peer accepted for instances of a SOP class; undefined if none was proposed. */
  accepted(sopClass: string): ReadonlySet<string> | undefined {
    return this.#accepted.get(sopClass);
  }

  isProposed(sopClass: string, transferSyntax: string): boolean {
    return this.#proposed.has(pair(sopClass, transferSyntax));
  }

  #needsTogether(kinds: RetrievedKinds): ContextNeed[] {
    return [...kinds].map(([sopClass, own]) => {
      const transferSyntaxes = [...new Set([...own, ...this.#transferSyntaxes])].slice(0, MOST_TRANSFER_SYNTAXES);
      return { sopClasses: [sopClass], transferSyntaxes, roles: ROLES };
    });
  }

  /** The product of the ranks of a SOP class and of a transfer syntax says how likely the pair is. */
  #needsAlone(kinds: RetrievedKinds): ContextNeed[] {
    return [...kinds]
      .flatMap(([sopClass, own], index) =>
        [...own].map((uid, place) => ({ sopClass, uid, rank: (index + 1) * (place + 1) })),
      )
      .sort((one, other) => one.rank - other.rank)
      .map(({ sopClass, uid }) => ({ sopClasses: [sopClass], transferSyntaxes: [uid], roles: ROLES }));
  }
}

/** Some acceptors read at most 50 transfer syntaxes of a context. */
const MOST_TRANSFER_SYNTAXES = 48;

function pair(sopClass: string, transferSyntax: string): string {
  return `${sopClass} ${transferSyntax}`;
}
