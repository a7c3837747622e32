// Where instances that are retrieved go: a path made from their attributes, which cannot leave its folder.

import { createHash } from 'node:crypto';
import type { DataSet } from '@x/dimse';
import { isPersonName, personNameText, tagOf, valueRepresentationOf } from '@x/dimse/data-set';
import { InvalidArgumentError } from 'commander';

/** A path in which `{Keyword}` stands for an attribute. */
export interface PathTemplate {
  /** The attributes it needs: `0xggggeeee`. */
  readonly tags: readonly number[];
  /** A relative path. Whatever the values are, it stays below where it begins. */
  path(attributes: DataSet): string;
}

export const DEFAULT_PATH_TEMPLATE = '{StudyInstanceUID}/{SeriesInstanceUID}/{SOPInstanceUID}.dcm';

/** @throws InvalidArgumentError for a template that could give two instances one path, or lead elsewhere. */
export function parsePathTemplate(text: string): PathTemplate {
  const segments = text.split('/');
  if (segments.some((segment) => /^\.{0,2}$/.test(segment)) || /[\\\0]/.test(text))
    throw new InvalidArgumentError(`'${text}' is no path below a folder: write names, separated by /`);
  const keywords = [...text.matchAll(/\{([^{}]*)\}/g)].map(([, keyword = '']) => keyword);
  const tags = keywords.map((keyword) => {
    const tag = tagOf(keyword);
    if (tag === undefined || valueRepresentationOf(keyword) === 'SQ')
      throw new InvalidArgumentError(`'${keyword}' is not the keyword of an attribute that can stand in a path`);
    return tag;
  });
  if (!keywords.includes('SOPInstanceUID'))
    throw new InvalidArgumentError('{SOPInstanceUID} is needed: without it several instances would have one path');
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

/** A file name that is one on every system. */
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

/** What tells long names with the same beginning apart. */
function digest(name: string): string {
  return createHash('sha256').update(name).digest('hex').slice(0, DIGEST_LENGTH);
}

/** Bytes: a name has 255 at most, and a copy of the file may want some. */
const LONGEST_NAME = 240;
const DIGEST_LENGTH = 16;
// What Windows keeps for devices.
const RESERVED = /^(?:con|prn|aux|nul|com\d|lpt\d)(?:\.|$)/i;
