// The Storage service: instances are kept unchanged.

import type { Logger } from '@x/cli/logger';
import { UsageError } from '@x/cli/program';
import { DimseError, describeStatus, type Service, Status, serve, storage, uidName } from '@x/dimse';
import { tagText } from '@x/dimse/data-set';
import { involve } from '../involved-objects.ts';
import type { InstanceArchive } from './instance-archive.ts';
import type { KeptInstance } from './instance-store.ts';
import { QuotaRefusals } from './quota-refusals.ts';
import { QuotaFullError } from './storage-quota.ts';

/** The transfer syntaxes of instances: the only ones that are accepted, and those that are chosen before others. */
export interface ReceivedSyntaxes {
  readonly acceptSyntax?: readonly string[];
  readonly preferSyntax?: readonly string[];
}

export function storageService(instances: InstanceArchive, logger: Logger, syntaxes: ReceivedSyntaxes = {}): Service {
  const transferSyntaxes = acceptedSyntaxes(syntaxes);
  const refusals = new QuotaRefusals(logger);
  return serve(
    storage,
    {
      store({ sopClass, sopInstance, transferSyntax, data }, context) {
        const { callingAeTitle, session } = context;
        const association = session.association.id;
        const stored = (kept: KeptInstance) => {
          const { study, series, length, isDuplicate, isReplacement, coerced } = kept;
          involve(context, study, kept.attributes);
          const words = isDuplicate ? 'was here already' : `stored, ${length} bytes`;
          const changed = coerced && { coerced: coerced.map(tagText) };
          const line = { event: 'stored', association, sopInstance, study, series, length, isDuplicate, ...changed };
          logger.debug(line, `instance ${sopInstance} ${words}`);
          if (isReplacement) logger.warn(line, `instance ${sopInstance} replaced a damaged file`);
          return coerced ? coercionAnswer(coerced) : Status.Success;
        };
        const refused = (error: unknown): never => {
          const status = (error as { status?: number }).status ?? Status.ProcessingFailure;
          const why = explained(error);
          if (error instanceof QuotaFullError) {
            refusals.add(session.association, sopInstance, why);
            throw error;
          }
          logger.warn(
            { event: 'refused', association, sopInstance, status },
            `instance ${JSON.stringify(sopInstance)}: ${error instanceof DimseError ? '' : `${describeStatus(status)}: `}${why}`,
          );
          throw error;
        };
        let keeping: KeptInstance | Promise<KeptInstance>;
        try {
          keeping = instances.keep({ sopClass, sopInstance, transferSyntax, sourceAeTitle: callingAeTitle }, data);
        } catch (error) {
          return refused(error);
        }
        // An instance that was stored at once is answered at once.
        return keeping instanceof Promise ? keeping.then(stored, refused) : stored(keeping);
      },
    },
    // Every SOP class that no other service has is stored: an archive must not lose unknown ones.
    // Requestors can retrieve these instances by C-GET too.
    {
      otherSopClasses: (uid) => !KNOWN_OTHERS.test(uid),
      roles: { scu: true, scp: true },
      ...(transferSyntaxes && { transferSyntaxes }),
    },
  );
}

/** Coercion of Data Elements (PS3.4 Table B.2-1), with the tags of the attributes (PS3.7 §C.4.1). */
function coercionAnswer(tags: readonly number[]) {
  return {
    status: COERCION_OF_DATA_ELEMENTS,
    errorComment: `changed on reception: ${tags.length} ${tags.length === 1 ? 'attribute' : 'attributes'}`,
    offendingElements: tags.slice(0, MOST_OFFENDING),
  };
}

const COERCION_OF_DATA_ELEMENTS = 0xb000;
const MOST_OFFENDING = 64;

/** In order of preference, as the service negotiates them; undefined for any. @throws UsageError if a preferred one is not accepted */
function acceptedSyntaxes({ acceptSyntax, preferSyntax = [] }: ReceivedSyntaxes): readonly string[] | undefined {
  if (!acceptSyntax) return preferSyntax.length > 0 ? [...preferSyntax, 'any'] : undefined;
  const other = preferSyntax.find((uid) => !acceptSyntax.includes(uid));
  if (other !== undefined)
    throw new UsageError(`--prefer-syntax ${uidName(other) ?? other} is not one of --accept-syntax: add it there`);
  return [...new Set([...preferSyntax, ...acceptSyntax])];
}

/**
 * The message of an error, with that of its cause: the Error Comment has no paths, but the log needs them. That of a
 * DimseError begins with the status in words.
 */
function explained(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? `${error.message}: ${error.cause.message}` : error.message;
}

/**
 * UIDs of the standard that are not storage SOP classes: services, query models, meta SOP classes. Storage SOP classes have
 * arcs of their own, which also have the query models of protocol approvals and inventories; some retired ones lie elsewhere.
 */
const KNOWN_OTHERS = new RegExp(
  [
    String.raw`^1\.2\.840\.10008\.(?!5\.1\.4\.(?:1\.1|38\.1|39\.1|43\.1|44\.1|45\.1)(?:\.|$)`,
    String.raw`5\.1\.1\.(?:27|29|30)$|5\.1\.4\.34\.1$)`,
  ].join('|') + String.raw`|^1\.2\.840\.10008\.5\.1\.4\.1\.1\.(?:200\.[456]|201\.[2-6])$`,
);
