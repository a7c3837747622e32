// A data set codec whose data sets are those of dcmjs.

import { type DataSetCodec, decodeWith, encodeWith, standardDataSetCodec } from '../data-set/dataset.ts';
import type { Dcmjs } from './dcmjs-data.ts';
import { fromDcmjs } from './from-dcmjs.ts';
import { toDcmjs } from './to-dcmjs.ts';

/**
 * Makes a codec for sessions and providers whose handlers take and give naturalized data sets of dcmjs. Another codec,
 * by default the standard one, reads and writes the bytes, so its limits and character sets apply.
 * @param dcmjs The default export of dcmjs.
 */
export function dcmjsDataSetCodec(dcmjs: Dcmjs, codec: DataSetCodec = standardDataSetCodec): DataSetCodec {
  return {
    transferSyntaxes: codec.transferSyntaxes,
    encode: (dataSet, transferSyntax) => codec.encode(fromDcmjs(dataSet, { transferSyntax }), transferSyntax),
    decode: (bytes, transferSyntax, limits) => toDcmjs(codec.decode(bytes, transferSyntax, limits), dcmjs),
    encodeInTurns: (dataSet, transferSyntax) =>
      encodeWith(codec, fromDcmjs(dataSet, { transferSyntax }), transferSyntax),
    async decodeInTurns(bytes, transferSyntax, limits) {
      return toDcmjs(await decodeWith(codec, bytes, transferSyntax, limits), dcmjs);
    },
  };
}
