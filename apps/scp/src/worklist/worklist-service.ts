// Modality Worklist, as the archive provides it (PS3.4 Annex K).

import { setImmediate } from 'node:timers/promises';
import { type DataSet, matchesIdentifier, modalityWorklist, type Service, Status, serve } from '@x/dimse';
import { valueRepresentationOf } from '@x/dimse/data-set';
import { answerFlags, decodeWorklistOptions, type ExtendedNegotiation, encodeWorklistOptions } from '@x/net';
import { attributesAskedFor } from '../query-retrieve/attributes-asked-for.ts';
import type { Worklist } from './worklist.ts';

export function worklistService(worklist: Worklist): Service {
  return serve(modalityWorklist, {
    async *find({ identifier, sopClass }, { session, signal }) {
      const { accepted } = session.association.extendedNegotiations.get(sopClass) ?? {};
      const fuzzy = accepted !== undefined && decodeWorklistOptions(accepted).fuzzy;
      // Table K.6-1: start date and time are one range together, without being negotiated.
      const options = { fuzzy, combinedDateTime: true };
      const keys = matchingKeys(identifier);
      let looked = 0;
      for (const item of worklist.itemsFor(session.association.calledAeTitle)) {
        if (++looked % ITEMS_AT_ONCE === 0) await setImmediate(undefined, { signal });
        if (matchesIdentifier(item, keys, options))
          yield { identifier: answerOf(item, identifier), status: Status.Pending };
      }
    },
  });
}

/** Of what a peer proposes for its queries, what we do (§K.5.1). */
export function negotiateWorklist({
  sopClassUid,
  applicationInformation,
}: ExtendedNegotiation): Uint8Array | undefined {
  return sopClassUid === modalityWorklist.sopClasses.Find.uid
    ? answerFlags(applicationInformation, SUPPORTED_OPTIONS)
    : undefined;
}

const SUPPORTED_OPTIONS = encodeWorklistOptions({ fuzzy: true });

/** Between two turns of the event loop. */
const ITEMS_AT_ONCE = 1000;

/**
 * The keys that items are matched by. Numbers in binary are answered, not matched, as §K.2.2.1.1.2 leaves it to us: there
 * are those who write 0 where they mean no value.
 */
function matchingKeys(identifier: DataSet): DataSet {
  const keys = Object.entries(identifier).filter(
    ([keyword]) => !BINARY_NUMBERS.has(valueRepresentationOf(keyword) ?? ''),
  );
  return Object.fromEntries(keys);
}

const BINARY_NUMBERS: ReadonlySet<string> = new Set(['FD', 'FL', 'SL', 'SS', 'UL', 'US']);

/** What was asked for and nothing else, in the character set and the time zone of the item (§K.4.1.1.3.2). */
function answerOf(item: DataSet, { TimezoneOffsetFromUTC: _, ...keys }: DataSet): DataSet {
  const { SpecificCharacterSet, TimezoneOffsetFromUTC } = item;
  return { ...attributesAskedFor(item, keys), SpecificCharacterSet, TimezoneOffsetFromUTC };
}
