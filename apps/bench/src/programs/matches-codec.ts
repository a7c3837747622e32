// The cost of encoding and decoding the matches alone, in one process, after a warm-up: the time of one search.

import { decodeDataSet, encodeDataSet } from '@x/dimse';
import { MATCH_TRANSFER_SYNTAX, match } from '../match.ts';

const [count, times] = process.argv.slice(2).map(Number) as [number, number];
const WARM_UP = 4;
const work = () => {
  for (let index = 0; index < count; index++) {
    const decoded = decodeDataSet(encodeDataSet(match(index), MATCH_TRANSFER_SYNTAX), MATCH_TRANSFER_SYNTAX);
    if (decoded.PatientID !== `P${index}`) throw new Error('a match was changed');
  }
};
for (let time = 0; time < WARM_UP; time++) work();
const begun = performance.now();
for (let time = 0; time < times; time++) work();
process.stdout.write(`${JSON.stringify({ milliseconds: (performance.now() - begun) / times })}\n`);
