// The code in the READMEs and in PARITY.md compiles against the current packages; links and tables fit them.

import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as dimse from '@x/dimse';
import { afterAll, expect, test } from 'vitest';

const top = fileURLToPath(new URL('../../..', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'readmes-'));
afterAll(() => rmSync(folder, { recursive: true }));

test('the code blocks of every README compile, and the lines of PARITY.md', () => {
  const files = readmes().flatMap((path) => {
    const blocks = [...readFileSync(path, 'utf8').matchAll(/^```ts\n(.*?)^```$/gms)];
    const name = basename(join(path, '..')) || 'top';
    return blocks.map(([, code], index) => {
      const file = `${name}-${index + 1}.ts`;
      // Makes a block without imports a module too.
      writeFileSync(join(folder, file), `${code}\nexport {};\n`);
      return file;
    });
  });
  expect(files.length).toBeGreaterThan(0);
  writeFileSync(join(folder, 'parity.ts'), parityLines());
  files.push('parity.ts');
  const paths = Object.fromEntries(
    ['pdu', 'net', 'dimse'].flatMap((name) => {
      const sources = join(top, 'packages', name, 'src');
      return [
        [`@x/${name}`, [join(sources, 'index.ts')]],
        [`@x/${name}/*`, [join(sources, '*.ts')]],
      ];
    }),
  );
  const compilerOptions = { paths, types: ['node'], typeRoots: [join(top, 'node_modules/@types')] };
  writeFileSync(
    join(folder, 'tsconfig.json'),
    JSON.stringify({ extends: join(top, 'tsconfig.base.json'), compilerOptions, files }),
  );
  expect(compile()).toBe('');
}, 120_000);

test('the README of @x/dimse lists the properties of every operation of the standard', () => {
  const readme = readFileSync(join(top, 'packages/dimse/README.md'), 'utf8');
  const rows = [...readme.matchAll(/^\| `([cn][A-Z]\w+)` +\| (.*?) +\| (.*?) +\|$/gm)];
  const written = rows.map(([, name, request, response]) => [name, wordsOf(request), wordsOf(response)]);
  const defined = Object.entries(dimse).flatMap(([name, value]) =>
    /^[cn][A-Z]/.test(name) && typeof value === 'object' && 'commandField' in value
      ? [[name, namesOf(value.request), namesOf(value.response)]]
      : [],
  );
  expect(defined).toHaveLength(11);
  expect(written.sort()).toEqual(defined.sort());
});

function wordsOf(cell = ''): string[] {
  return [...cell.matchAll(/`([\w?]+)`/g)].map(([, word = '']) => word).sort();
}

function namesOf(fields: Readonly<Record<string, { readonly optional: boolean }>>): string[] {
  return Object.entries(fields)
    .map(([name, { optional }]) => `${name}${optional ? '?' : ''}`)
    .sort();
}

test('pages of a published package link to its own files or to the web', () => {
  const linked: string[] = [];
  for (const [folder, files] of published())
    for (const page of files.filter((file) => file.endsWith('.md')))
      for (const [, target = ''] of readFileSync(join(folder, page), 'utf8').matchAll(/\]\(([^)#\s]+)/g)) {
        if (target.startsWith('https://')) continue;
        linked.push(target);
        expect(files.map((file) => `${basename(folder)}/${file}`)).toContain(`${basename(folder)}/${target}`);
      }
  expect(linked).toContain('ERRORS.md');
});

/** The folders of the packages that are published, each with the files and folders that it names in `files`. */
function published(): [folder: string, files: string[]][] {
  return readmes().flatMap((path) => {
    const folder = join(path, '..');
    const { files } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as { files?: string[] };
    return files ? [[folder, files]] : [];
  });
}

function readmes(): string[] {
  const folders = ['packages', 'apps'].flatMap((parent) =>
    readdirSync(join(top, parent)).map((name) => join(top, parent, name)),
  );
  return [top, ...folders].map((place) => join(place, 'README.md')).filter((path) => existsSync(path));
}

/** The messages of the compiler. */
function compile(): string {
  try {
    return execFileSync(join(top, 'node_modules/.bin/tsc'), ['-p', folder], { encoding: 'utf8' });
  } catch (error) {
    return (error as { stdout: string }).stdout;
  }
}

/** Declares the names that the lines of PARITY.md use. */
const PARITY_NAMES = `
import type { Duplex } from 'node:stream';
import {
  accept, type Association, AssociationRejectedError, DEFAULT_TIMEOUTS, type Listener, type ListenOptions, listen, openTransport, reject,
  requestAssociation, type RequestOptions, UpperLayerConnection,
} from '@x/net';
import {
  acceptContext, addContext, type AssociateAccept, type AssociateRequest, associateAccept, associateRequest, findContexts,
  refuseContext, removeContext, wireItems, withExtendedNegotiation, withRole, withTransferSyntaxes, withUserInformation,
  withWireItems, withContextId, withAbstractSyntax,
} from '@x/pdu';
import {
  createScp, type MessageExchange, openSession, type ReceivedMessage, Session, serve, Status, storage, verification,
} from '@x/dimse';
declare const options: RequestOptions & { readonly host: string; readonly port: number };
declare const listenOptions: ListenOptions;
declare const listener: Listener;
declare const association: Association;
declare const connection: UpperLayerConnection;
declare const transport: Duplex;
declare const exchange: MessageExchange;
declare const message: ReceivedMessage;
declare const session: Session;
declare const request: AssociateRequest;
declare const answer: AssociateAccept;
declare const [data, bytes, sopClass, sopInstance, abstractSyntax]: [Uint8Array, Uint8Array, string, string, string];
declare const transferSyntaxes: readonly [string, string];
declare function log(...values: unknown[]): void;
export const used = [
  accept, AssociationRejectedError, listen, openTransport, reject, requestAssociation, UpperLayerConnection, createScp,
  openSession, Session, serve, Status, storage, verification, options, listenOptions, listener, association, connection,
];
`;

/** A module with each line of code of PARITY.md in a function of its own. */
function parityLines(): string {
  const page = readFileSync(join(top, 'packages/dimse/PARITY.md'), 'utf8');
  const lines = [...page.matchAll(/^\| `\w+` +\| `([^`]+)`/gm)].map(
    ([, line], index) => `export async function line${index + 1}(): Promise<void> {\n  ${line};\n}`,
  );
  expect(lines).toHaveLength(137);
  return `${PARITY_NAMES}\n${lines.join('\n')}\n`;
}
