// dimse-scu find: what the peer has that matches.

import { ExitCode } from '@x/cli/program';
import { patientRoot, studyRoot } from '@x/dimse';
import { encodeQueryOptions } from '@x/net';
import { identifierOf } from '../options/keys.ts';
import type { FindOptions } from '../options/options.ts';
import { type Connecting, connect } from '../peer/connect.ts';
import { MatchFiles } from '../results/match-files.ts';
import { printMatches } from '../results/matches.ts';

export async function find(connecting: Connecting & { readonly options: FindOptions }): Promise<number> {
  const { options, signal } = connecting;
  const { model, level, key: keys, limit, relational, fuzzy, out } = options;
  const service = model === 'patient' ? patientRoot : studyRoot;
  const sopClassUid = service.sopClasses.Find.uid;
  const files = out === undefined ? undefined : await MatchFiles.open(out, sopClassUid, '.dcm');
  await using session = await connect(connecting, [service], undefined, 1, [
    ...(relational || fuzzy
      ? [{ sopClassUid, applicationInformation: encodeQueryOptions({ relational, fuzzy }) }]
      : []),
  ]);
  const identifier = { QueryRetrieveLevel: level, ...identifierOf(keys) };
  const responses = session.use(service as typeof studyRoot).find({ identifier }, { signal });
  await printMatches(connecting, responses, keys, { limit, files });
  return ExitCode.Success;
}
