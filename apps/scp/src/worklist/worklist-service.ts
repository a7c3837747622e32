// The Modality Worklist service (PS3.4 Annex K).

import { setImmediate } from 'node:timers/promises';
import { type DataSet, modalityWorklist, prepareMatching, type Service, Status, serve } from '@x/dimse';
import { valueRepresentationOf } from '@x/dimse/data-set';
import { answerFlags, decodeWorklistOptions, type ExtendedNegotiation, encodeWorklistOptions } from '@x/net';
import { AttributesAskedFor } from '../query-retrieve/attributes-asked-for.ts';
import type { Worklist } from './worklist.ts';

export function worklistService(worklist: Worklist): Service {
  return serve(modalityWorklist, {
    async *find({ identifier, sopClass }, { session, signal }) {
      const { accepted } = session.association.extendedNegotiations.get(sopClass) ?? {};
      const fuzzy = accepted !== undefined && decodeWorklistOptions(accepted).fuzzy;
      // Start date and time form one range without negotiation (Table K.6-1).
      const options = { fuzzy, combinedDateTime: true };
      const matcher = prepareMatching(matchingKeys(identifier), options);
      const { TimezoneOffsetFromUTC: _, ...keys } = identifier;
      const answers = new AttributesAskedFor(keys);
      let [looked, compared] = [0, 0];
      for (const item of worklist.itemsFor(session.association.calledAeTitle)) {
        if (++looked >= ITEMS_AT_ONCE || matcher.comparisons - compared >= COMPARISONS_AT_ONCE) {
          [looked, compared] = [0, matcher.comparisons];
          await setImmediate(undefined, { signal });
        }
        if (!matcher.matches(item)) continue;
        // In the character set and the time zone of the item (§K.4.1.1.3.2).
        const { SpecificCharacterSet, TimezoneOffsetFromUTC } = item;
        const answer = await answers.of(item, signal);
        yield { identifier: { ...answer, SpecificCharacterSet, TimezoneOffsetFromUTC }, status: Status.Pending };
      }
    },
  });
}

/** The query options that are accepted of those that a peer proposes (§K.5.1). */
export function negotiateWorklist({
  sopClassUid,
  applicationInformation,
}: ExtendedNegotiation): Uint8Array | undefined {
  return sopClassUid === modalityWorklist.sopClasses.Find.uid
    ? answerFlags(applicationInformation, SUPPORTED_OPTIONS)
    : undefined;
}

const SUPPORTED_OPTIONS = encodeWorklistOptions({ fuzzy: true });

/** The numbers of items and comparisons between two turns of the event loop. */
const ITEMS_AT_ONCE = 1000;
const COMPARISONS_AT_ONCE = 100_000;

/**
 * The keys to match items by. Binary numbers are returned, not matched (§K.2.2.1.1.2 allows this), because some users send 0
 * for an empty key.
 */
function matchingKeys(identifier: DataSet): DataSet {
  const keys = Object.entries(identifier).filter(
    ([keyword]) => !BINARY_NUMBERS.has(valueRepresentationOf(keyword) ?? ''),
  );
  return Object.fromEntries(keys);
}

const BINARY_NUMBERS: ReadonlySet<string> = new Set(['FD', 'FL', 'SL', 'SS', 'UL', 'US']);
