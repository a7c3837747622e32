// The doors of the package: their names, their shared classes, and the door for data sets without a network.

import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import * as net from '@x/net';
import { printDoors } from '@x/testing/print-doors';
import { expect, test } from 'vitest';
import * as implementation from './part10/implementation.ts';

const home = new URL('../', import.meta.url);

test('each door gives the names of the reviewed list', async () => {
  await expect(printDoors(home)).toMatchFileSnapshot('../doors.txt');
});

test('@x/dimse/data-set imports nothing of a network', () => {
  const modules = [...modulesOf(new URL('src/data-set.ts', home))];
  expect(modules.filter((name) => name.endsWith('/part10/dicom-file.ts'))).toHaveLength(1);
  expect(modules.filter((name) => !name.startsWith('file:')).sort()).toEqual([
    // Coded errors, and checks of options.
    '@x/pdu/internal',
    'node:crypto',
    'node:diagnostics_channel',
    'node:events',
    'node:fs',
    'node:fs/promises',
    'node:path',
    'node:stream',
    'node:timers/promises',
    'node:util',
    'node:zlib',
  ]);
});

// Each door is an entry of the build; without shared chunks, each would have its own copy of a class.
test.each([
  ['ECMAScript modules', 'module', (door: string) => `await import('${door}')`],
  ['CommonJS', 'commonjs', (door: string) => `require('${door}')`],
])('shows the same class through every door of the build: %s', (_, type, load) => {
  const script = `
    const data = ${load('@x/dimse/data-set')};
    const network = typeof require === 'undefined' ? [] : Object.keys(require.cache).filter((file) => /net.dist/.test(file));
    const root = ${load('@x/dimse')};
    const workflow = ${load('@x/dimse/workflow')};
    const print = ${load('@x/dimse/print')};
    const thrown = (work) => { try { work(); } catch (error) { return error; } };
    console.log(JSON.stringify([
      data.DataSetError === root.DataSetError,
      data.DicomFile === root.DicomFile,
      thrown(() => data.fromDicomJson({ '00100010': { vr: 1 } })) instanceof root.DataSetError,
      thrown(() => workflow.createdStep({})) instanceof root.DimseError,
      thrown(() => print.printImageOf({ BasicGrayscaleImageSequence: [{}] })) instanceof root.DimseError,
      network,
    ]));`;
  const printed = execFileSync(process.execPath, [`--input-type=${type}`, '--eval', script], {
    cwd: fileURLToPath(home),
    encoding: 'utf8',
  });
  expect(JSON.parse(printed)).toEqual([true, true, true, true, true, []]);
});

// A program may load both builds: its own code as one, and a dependency as the other.
test('ECMAScript modules and CommonJS recognize errors of each other, and stacks have the names of their classes', () => {
  const script = `
    import { createRequire } from 'node:module';
    import { inspect } from 'node:util';
    const require = createRequire(import.meta.url);
    const [modules, commonjs] = [[await import('@x/dimse'), await import('@x/net')], [require('@x/dimse'), require('@x/net')]];
    const errorsOf = ([dimse, net]) => [
      new dimse.DimseError(0xb007),
      new dimse.DataSetError('reason'),
      new net.PduError('unexpected-pdu', 'message'),
      new net.NotConnectedError('message'),
    ];
    const classesOf = ([dimse, net]) => [dimse.DimseError, dimse.DataSetError, net.PduError, net.NotConnectedError];
    const table = (errors, classes) => errors.map((error) => classes.map((one) => Number(error instanceof one)).join('')).join(' ');
    console.log(JSON.stringify([
      table(errorsOf(modules), classesOf(commonjs)),
      table(errorsOf(commonjs), classesOf(modules)),
      table([new TypeError('other'), { name: 'DimseError' }, null], classesOf(modules)),
      classesOf(modules)[0] === classesOf(commonjs)[0],
      errorsOf(modules).map((error) => [error.stack.split('\\n')[0], inspect(error).split('\\n')[0], error.code]),
    ]));`;
  const printed = execFileSync(process.execPath, ['--input-type=module', '--eval', script], {
    cwd: fileURLToPath(home),
    encoding: 'utf8',
  });
  const header = (text: string, code: string) => [text, text, code];
  expect(JSON.parse(printed)).toEqual([
    '1000 0100 0010 0001',
    '1000 0100 0010 0001',
    '0000 0000 0000',
    false,
    [
      header('DimseError: warning (B007H)', 'STATUS_B007'),
      header('DataSetError: reason', 'DATA_SET_INVALID'),
      header('PduError: message', 'PDU_INVALID'),
      header('NotConnectedError: message', 'NOT_CONNECTED'),
    ],
  ]);
});

test('files name the same implementation as associations', () => {
  const { IMPLEMENTATION_CLASS_UID, IMPLEMENTATION_VERSION_NAME } = net;
  expect({ ...implementation }).toEqual({ IMPLEMENTATION_CLASS_UID, IMPLEMENTATION_VERSION_NAME });
});

/**
 * The modules that a module imports for more than their types, or loads later, and those that these import: files by address,
 * others by name.
 */
function modulesOf(module: URL, found = new Set<string>()): Set<string> {
  if (found.has(module.href)) return found;
  found.add(module.href);
  for (const [, name = ''] of readFileSync(module, 'utf8').matchAll(
    /^(?:(?:import|export|\})(?! type ).*? from |.*process\.getBuiltinModule\()'([^']+)'/gm,
  ))
    if (name.startsWith('.')) modulesOf(new URL(name, module), found);
    else found.add(name);
  return found;
}
