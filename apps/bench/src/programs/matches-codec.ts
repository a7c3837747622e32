// The cost of encoding and decoding the matches alone, in one process.

import { decodeDataSet, encodeDataSet } from '@x/dimse';
import { MATCH_TRANSFER_SYNTAX, match } from '../match.ts';

const [count] = process.argv.slice(2).map(Number) as [number];
const work = () => {
  for (let index = 0; index < count; index++) {
    const decoded = decodeDataSet(encodeDataSet(match(index), MATCH_TRANSFER_SYNTAX), MATCH_TRANSFER_SYNTAX);
    if (decoded.PatientID !== `P${index}`) throw new Error('a match was changed');
  }
};
const begun = performance.now();
work();
process.stdout.write(`${JSON.stringify({ milliseconds: performance.now() - begun })}\n`);
