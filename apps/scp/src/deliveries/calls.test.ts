// Hooks and notifications are called for each instance and each study, and again until they succeed.

import { readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { createScp, instanceAvailabilityNotification, Status, serve } from '@x/dimse';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { DEFAULTS, type DeliveringArchive, deliveringArchive } from '../../test/delivering-archive.ts';
import type { Options } from '../options.ts';
import { filledWords, type HookEvent, hooksOf } from './hook.ts';
import { callHook } from './hook-call.ts';

let archive: DeliveringArchive;
const closed: (() => unknown)[] = [];
beforeEach(() => {
  archive = deliveringArchive();
});
afterEach(async () => {
  await archive.stop();
  for (const close of closed.splice(0)) await close();
  await archive.remove();
});

const keep = (number: number, study = '1.2') =>
  archive.keep({ study, series: `${study}.1`, sopInstance: `${study}.1.${number}` });
const inFolder = (name: string) => join(archive.folder, name);

function script(text: string): string {
  const path = inFolder('hook.sh');
  writeFileSync(path, `#!/bin/sh\n${text}\n`, { mode: 0o755 });
  return path;
}

const lines = (name: string): string[] => {
  try {
    return readFileSync(inFolder(name), 'utf8').trim().split('\n').sort();
  } catch {
    return [];
  }
};

test('a command is called once for each instance and once for each study that is quiet, with arguments', async () => {
  const path = script(`echo "$#:$1:$2:$DIMSE_EVENT" >> ${inFolder('calls')}`);
  await archive.start({ onInstance: [`${path} {instance} 'a b;$(id)'`], onStudy: [`${path} {study} {PatientID}`] });
  for (const number of [1, 2, 1]) await keep(number);
  await keep(3, '1.3');
  await expect
    .poll(() => lines('calls'), { timeout: 20_000 })
    .toEqual([
      ...['2:1.2.1.1:a b;$(id):instance', '2:1.2.1.2:a b;$(id):instance', '2:1.2::study'],
      ...['2:1.3.1.3:a b;$(id):instance', '2:1.3::study'],
    ]);
});

test('a call that fails is made again, also after a restart', async () => {
  const path = script(`echo x >> ${inFolder('calls')}; test -f ${inFolder('ready')} || { echo no; exit 3; }`);
  await archive.start({ onInstance: [path] });
  await keep(1);
  await expect
    .poll(() => archive.deliveries?.status[0]?.reason, { timeout: 20_000 })
    .toBe('it ended with status 3: no');
  await archive.stop();
  writeFileSync(inFolder('ready'), '');
  await archive.start({ onInstance: [path] });
  await expect.poll(() => archive.deliveries?.status[0]?.sent, { timeout: 20_000 }).toBe(1);
});

test('a webhook is told of studies', async () => {
  const bodies: unknown[] = [];
  let answers = 0;
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk) => {
      body += chunk;
    });
    request.on('end', () => {
      answers++;
      response.writeHead(answers < 3 ? 503 : 204).end();
      if (answers >= 3) bodies.push(JSON.parse(body));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closed.push(() => server.close());
  const { port } = server.address() as AddressInfo;
  await archive.start({ onStudy: [`http://127.0.0.1:${port}/study`] });
  await keep(1);
  await expect
    .poll(() => bodies, { timeout: 20_000 })
    .toMatchObject([{ event: 'study', study: '1.2', attributes: { StudyInstanceUID: '1.2' } }]);
  expect(answers).toBe(3);
});

test('a peer is notified of the instances of a study that is quiet', async () => {
  const notices: unknown[] = [];
  const service = serve(instanceAvailabilityNotification, {
    create({ attributes, sopInstance = '' }) {
      notices.push(attributes);
      return { status: Status.Success, sopInstance };
    },
  });
  const scp = createScp({ aeTitle: 'RIS', services: [service] });
  const { port } = await scp.listen({ port: 0, host: '127.0.0.1' });
  closed.push(() => scp.close());
  const peer = [{ aeTitle: 'RIS', host: '127.0.0.1', port }];
  await archive.start({ notify: ['RIS'], notifyAvailability: true, peer });
  await keep(1);
  await keep(2);
  await expect.poll(() => notices.length, { timeout: 20_000 }).toBeGreaterThan(0);
  expect(notices.at(-1)).toMatchObject({
    StudyInstanceUID: '1.2',
    ReferencedSeriesSequence: [
      {
        SeriesInstanceUID: '1.2.1',
        ReferencedSOPSequence: expect.arrayContaining([
          expect.objectContaining({ ReferencedSOPInstanceUID: '1.2.1.1', InstanceAvailability: 'ONLINE' }),
        ]),
      },
    ],
  });
});

test('a study is needed until its hooks have been called', async () => {
  const path = script(`test -f ${inFolder('ready')}`);
  await archive.start({ onStudy: [path], studyTimeout: 2000 });
  await keep(1);
  await expect(archive.instances?.delete({ study: '1.2' })).rejects.toThrow('for hooks and notifications of studies');
  await expect.poll(() => archive.deliveries?.status[0]?.failures, { timeout: 20_000 }).toBeGreaterThan(0);
  await expect(archive.instances?.delete({ study: '1.2' })).rejects.toThrow('is needed for the hook on-study: hook.sh');
  writeFileSync(inFolder('ready'), '');
  await expect.poll(() => archive.deliveries?.status[0]?.sent, { timeout: 20_000 }).toBe(1);
  expect(await archive.instances?.delete({ study: '1.2' })).toMatchObject({ instances: 1 });
});

test('hooks have short names, which tell them apart', () => {
  const onInstance = ['true {instance}', '/bin/true --quiet', 'billing: true {study}', 'true-2: true'];
  const onStudy = ['https://user:secret@ris.example:8443/studies?key=1', 'true'];
  const names = (options: Partial<Options>) =>
    hooksOf({ ...DEFAULTS, ...options } as Options).map(({ destination }) => destination);
  expect(names({ onInstance, onStudy })).toEqual([
    ...['on-instance: true', 'on-instance: true-3', 'on-instance: billing', 'on-instance: true-2'],
    ...['on-study: ris.example:8443', 'on-study: true'],
  ]);
  expect(names({ onStudy: ["cd '/x y' && a"], hookShell: true })).toEqual(['on-study: cd']);
  expect(() => names({ onStudy: ['a: true', 'a: cat'] })).toThrow("--on-study: two hooks have the name 'a'");
});

const EVENT: HookEvent = { event: 'study', study: '1.2', series: '', instance: '', path: '', attributes: {} };
const call = (command: string, options: Partial<Options> = {}, timeout = 20_000, event = EVENT) => {
  const [hook] = hooksOf({ ...DEFAULTS, onStudy: [command], ...options } as Options);
  return callHook(hook as never, event, { timeout, signal: new AbortController().signal });
};

describe('a hook', () => {
  test('that hangs, with children that ignore signals, is ended with its process group', async () => {
    const path = script(
      `(trap '' TERM; echo $$ > ${inFolder('pid')}; sleep 600 & sleep 600) & trap '' TERM; sleep 600; sleep 600`,
    );
    await expect(call(path, {}, 300)).rejects.toThrow('it was ended after 0.3 s');
  });

  test('that floods its output is read to its end', async () => {
    const path = script('head -c 30000000 /dev/zero | tr "\\0" x; echo end >&2');
    expect((await call(path)).length).toBeLessThanOrEqual(4096);
  });

  test('gets values in its environment only, if a shell runs it', async () => {
    const event = { ...EVENT, attributes: { PatientID: '$(touch evil); "' } };
    expect(await call('echo "[$DIMSE_PatientID]"', { hookShell: true }, 20_000, event)).toBe('[$(touch evil); "]');
  });

  test('gets no value that looks like an option, unless options have ended', () => {
    const event = { ...EVENT, attributes: { PatientID: '-rf' } };
    expect(() => filledWords(['rm', '{PatientID}'], event)).toThrow("begins with '-'");
    expect(filledWords(['rm', '--', '{PatientID}', 'x{PatientID}'], event)).toEqual(['rm', '--', '-rf', 'x-rf']);
  });

  test('does not follow a redirection to another host', async () => {
    const server = createServer((_request, response) =>
      response.writeHead(307, { Location: 'http://localhost:1/' }).end(),
    );
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    closed.push(() => server.close());
    const { port } = server.address() as AddressInfo;
    await expect(call(`http://127.0.0.1:${port}/`)).rejects.toThrow('it redirected to another host, localhost:1');
  });

  test.each([
    ['', 'the command is empty'],
    ['/does/not/exist {study}', "'/does/not/exist' is not a program that can be run"],
    ['echo {studie}', '{studie} is not a placeholder'],
    ['echo {path}', '{path} is not a placeholder'],
    ['echo "a', 'a quote is not closed'],
    ['{study}', 'the program cannot be a placeholder'],
    ['http://', 'this is not a URL'],
  ])('%j is refused at the start', (command, message) => {
    expect(() => call(command)).toThrow(message);
  });

  test('with placeholders is refused if a shell would run it', () => {
    expect(() => call('echo {study}', { hookShell: true })).toThrow('use $DIMSE_STUDY');
  });
});
