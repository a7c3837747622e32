// Paths for retrieved instances, made from their attributes. A path cannot leave its folder.

import { crypto } from '@x/cli/node-modules';
import type { UntypedDataSet } from '@x/dimse';
import { isPersonName, personNameText, tagOf, valueRepresentationOf } from '@x/dimse/data-set';
import { lazily } from '@x/pdu/internal';
import { InvalidArgumentError } from 'commander';

/** A path in which `{Keyword}` stands for an attribute. */
export interface PathTemplate {
  /** The tags of its attributes: `0xggggeeee`. */
  readonly tags: readonly number[];
  /** A relative path, which stays inside its folder for all values of the attributes. */
  path(attributes: UntypedDataSet): string;
}

export const DEFAULT_PATH_TEMPLATE = '{StudyInstanceUID}/{SeriesInstanceUID}/{SOPInstanceUID}.dcm';

const preset = lazily(() => parsePathTemplate(DEFAULT_PATH_TEMPLATE));

/** The template of DEFAULT_PATH_TEMPLATE. It is parsed when it is used, because that loads the dictionary. */
export const defaultPathTemplate: PathTemplate = {
  get tags() {
    return preset().tags;
  },
  path: (attributes) => preset().path(attributes),
};

/** @throws InvalidArgumentError if two instances could get the same path, or a path could leave the folder */
export function parsePathTemplate(text: string): PathTemplate {
  const segments = text.split('/');
  if (segments.some((segment) => /^\.{0,2}$/.test(segment)) || /[\\\0]/.test(text))
    throw new InvalidArgumentError(`'${text}' is not a relative path: use names separated by /`);
  const keywords = [...text.matchAll(/\{([^{}]*)\}/g)].map(([, keyword = '']) => keyword);
  const tags = keywords.map((keyword) => {
    const tag = tagOf(keyword);
    if (tag === undefined || valueRepresentationOf(keyword) === 'SQ')
      throw new InvalidArgumentError(`'${keyword}' is not the keyword of an attribute that can be part of a path`);
    return tag;
  });
  if (!keywords.includes('SOPInstanceUID'))
    throw new InvalidArgumentError('{SOPInstanceUID} is needed: without it several instances would get the same path');
  return {
    tags,
    path: (attributes) =>
      segments
        .map((segment) => safeName(segment.replace(/\{([^{}]*)\}/g, (_, keyword) => valueText(attributes[keyword]))))
        .join('/'),
  };
}

function valueText(value: unknown): string {
  const [first] = Array.isArray(value) ? value : [value];
  if (first === undefined || first === null || first === '') return 'unknown';
  return isPersonName(first) ? personNameText(first) : String(first);
}

/** A file name that is valid on every operating system. */
function safeName(text: string): string {
  const name = text
    .normalize('NFC')
    .replace(/[^\p{L}\p{M}\p{N} ._^=+-]/gu, '_')
    .replace(/^[ .]+|[ .]+$/g, '_');
  if (name === '') return 'unknown';
  if (Buffer.byteLength(name) > LONGEST_NAME) return `${shortened(name)}~${digest(name)}`;
  return RESERVED.test(name) ? `_${name}` : name;
}

function shortened(name: string): string {
  let short = name.slice(0, LONGEST_NAME);
  while (Buffer.byteLength(short) > LONGEST_NAME - DIGEST_LENGTH - 1) short = short.slice(0, -1);
  return short;
}

/** Distinguishes long names that start with the same characters. */
function digest(name: string): string {
  return crypto().createHash('sha256').update(name).digest('hex').slice(0, DIGEST_LENGTH);
}

/** Bytes. File systems allow 255; the rest is for suffixes of copies. */
const LONGEST_NAME = 240;
const DIGEST_LENGTH = 16;
// Device names of Windows.
const RESERVED = /^(?:con|prn|aux|nul|com\d|lpt\d)(?:\.|$)/i;
