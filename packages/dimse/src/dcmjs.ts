// The public names of @x/dimse/dcmjs: data sets and files of dcmjs. dcmjs itself is loaded by its user, never from here.

export { dcmjsDataSetCodec } from './dcmjs/dcmjs-codec.ts';
export type {
  Dcmjs,
  DenaturalizedDataSet,
  DenaturalizedElement,
  DicomDict,
  FromDcmjsOptions,
  NaturalizedDataSet,
} from './dcmjs/dcmjs-data.ts';
export { type FileDataSet, fromDicomDict, toDicomDict } from './dcmjs/dicom-dict.ts';
export { fromDcmjs, fromDenaturalized } from './dcmjs/from-dcmjs.ts';
export { toDcmjs, toDenaturalized } from './dcmjs/to-dcmjs.ts';
