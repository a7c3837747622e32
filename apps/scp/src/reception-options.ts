// The options that say which instances are received, and how they are kept.

import { byteCount, integer, listOf, oneOf } from '@x/cli/option-values';
import { transferSyntax } from '@x/cli/uid-names';
import type { Command } from 'commander';
import type { FileNameTemplate } from './instances/file-name-template.ts';
import { DAY } from './option-kinds.ts';
import type { CoercionRule } from './rules/coercion-rules.ts';

/** Read the values of options whose meaning this file does not know. */
export interface PolicyReaders {
  readonly fileName: (text: string) => FileNameTemplate;
  readonly coerce: (path: string) => readonly CoercionRule[];
}

/** Adds the options to a command line. */
export function withReceptionOptions(program: Command, { fileName, coerce }: Partial<PolicyReaders>): Command {
  return program
    .option(
      '--accept-syntax <name>',
      'accept instances in this transfer syntax, by name or UID; repeatable, in order of preference (default: all)',
      listOf(transferSyntax),
    )
    .option(
      '--prefer-syntax <name>',
      'choose this transfer syntax if a peer proposes it beside others; repeatable, in order of preference',
      listOf(transferSyntax),
    )
    .option(
      '--file-name <template>',
      'name files by attributes, such as {PatientID}/{StudyDate}/{SOPInstanceUID}.dcm (default: by their UIDs)',
      fileName ?? asText,
    )
    .option(
      '--coerce <file>',
      'file of rules (YAML or JSON): which attributes are changed on reception',
      coerce ?? asText,
    )
    .option('--store-memory <bytes>', 'instances in memory on their way to the store (default: 256MiB)', byteCount)
    .option(
      '--quota <bytes>',
      'bytes of instances to keep, such as 500GB; more are refused (default: unlimited)',
      byteCount,
    )
    .option(
      '--keep-studies <days>',
      'delete studies this long after their last instance arrived (default: never)',
      (text) => integer(1, 36_500)(text) * DAY,
    )
    .option('--evict <which>', 'delete studies when the quota is full: oldest (default: none)', oneOf('oldest'));
}

/** A value that is not used. */
export const asText = (text: string): unknown => text;
