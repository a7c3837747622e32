import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { TransferSyntax } from '@x/dimse';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Options } from '../options.ts';
import { readForwardRules } from './forward-rules.ts';
import { checkForwarding } from './forwarding.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'forward-rules-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

function rules(text: string) {
  const path = join(folder, 'forward.yaml');
  writeFileSync(path, text);
  return readForwardRules(path);
}

const RULE = '\nrules:\n  all: { to: [PACS] }\n';

test('reads destinations and rules', () => {
  const { destinations, rules: all } = rules(`
destinations:
  PACS: { host: 10.0.0.5, port: 11112, priority: high, open: 'Sat,Sun', time-zone: UTC }
  RESEARCH:
    host: research.example
    tls: true
    transfer-syntax: explicit
    set: { InstitutionName: Clinic, PatientName: '' }
    remove: [PatientComments, private]
rules:
  scanners:
    calling: [CT01, CT02]
    match: { Modality: [CT, MR], StationName: 'CT*' }
    to: [PACS, RESEARCH, PACS]
`);
  expect(destinations).toMatchObject([
    { name: 'PACS', aet: 'PACS', port: 11112, priority: 'high', schedule: { timeZone: 'UTC' }, removesPrivate: false },
    {
      ...{ name: 'RESEARCH', tls: true, port: 104, attempts: 5, removesPrivate: true },
      transferSyntax: TransferSyntax.ExplicitVRLittleEndian,
      edits: [{ at: 'PatientComments' }, { at: 'InstitutionName', value: 'Clinic' }, { at: 'PatientName', value: '' }],
    },
  ]);
  expect(all).toEqual([
    {
      ...{ name: 'scanners', calling: ['CT01', 'CT02'], to: ['PACS', 'RESEARCH'] },
      match: { Modality: ['CT', 'MR'], StationName: ['CT*'] },
    },
  ]);
});

test.each([
  ['', 'forward.yaml:1:1: has no destinations'],
  ['destinations: { PACS: { host: a } }', 'has no rules'],
  [
    `destination:\n  PACS: {}${RULE}`,
    ":1:1: destination: 'destination' is not the name of a setting; did you mean 'destinations'?",
  ],
  [
    `destinations:\n  PACS: { hots: a }${RULE}`,
    ":2:11: hots: 'hots' is not the name of a setting; did you mean 'host'?",
  ],
  [`destinations:\n  PACS: a${RULE}`, ':2:3: expected a mapping'],
  [`destinations:\n  PACS:\n    host: a\n    port: 99999${RULE}`, ':4:5: port: '],
  [`destinations:\n  A_LONG_NAME_OF_A_DESTINATION: { host: a }${RULE}`, ':2:3: aet: '],
  [`destinations:\n  PACS: { host: a, open: 'Sat' }${RULE}`, 'open: needs `time-zone`'],
  [`destinations:\n  PACS: { host: a, open: 'Sat 9-10', time-zone: UTC }${RULE}`, 'open: '],
  [`destinations:\n  PACS: { host: a, priority: urgent }${RULE}`, 'priority: one of high, medium, low is needed'],
  [`destinations:\n  PACS: { host: a, set: { SOPInstanceUID: '1.2' } }${RULE}`, 'SOPInstanceUID cannot be changed'],
  [`destinations:\n  PACS: { host: a, set: { InstitutionNam: a } }${RULE}`, 'set: '],
  [`destinations:\n  PACS: { host: a, remove: ['Foo[0]'] }${RULE}`, 'remove: '],
  [
    'destinations: { PACS: { host: a } }\nrules:\n  all: { to: [PAX] }',
    "to: 'PAX' is not the name of a destination; did you mean 'PACS'?",
  ],
  ['destinations: { PACS: { host: a } }\nrules:\n  all: {}', 'needs `to`'],
  [
    'destinations: { PACS: { host: a } }\nrules:\n  all:\n    match: { Modalty: CT }\n    to: PACS',
    ":4:5: match: 'Modalty' is not the name of an indexed attribute; did you mean 'Modality'?",
  ],
  ['destinations: [', ':1:15: '],
])('refuses %j with the place and the remedy', (text, message) => {
  expect(() => rules(text)).toThrow(message);
});

test('a destination without a host is a peer of the archive', () => {
  const forwardRules = rules(`destinations: { PACS: {} }${RULE}`);
  const options = { aet: 'A', forwardRules } as Options;
  expect(() => checkForwarding(options)).toThrow(
    'forward.yaml:1:17: PACS has no address: add host and port, or give --peer PACS=host:port',
  );
  const peer = { aeTitle: 'PACS', host: 'a', port: 104, isSecure: false };
  checkForwarding({ ...options, peer: [peer] } as Options);
});
