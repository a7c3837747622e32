// Two processes of one archive, with --index and --store.

import { runProgram } from '@x/cli/program';
import { DimseError, get, openSession, Status, storage, studyRoot } from '@x/dimse';
import { CT_IMAGE_STORAGE, EXPLICIT_VR_LITTLE_ENDIAN, syntheticDataSet } from '@x/testing/data-sets';
import { ObjectServer } from '@x/testing/object-server';
import { runInProcess } from '@x/testing/run-in-process';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { type RunningArchive, runArchive } from '../test/running-archive.ts';
import { TEST_SERVER, testSchema, type Wire, wireTo } from '../test/test-database.ts';
import { scpProgram } from './program.ts';

const run = (...argv: readonly string[]) => runInProcess((context) => runProgram(scpProgram(), context), [...argv]);

const INDEX = 'postgres://me:secret@127.0.0.1:1/archive';
const STORE = 's3://bucket/archive?endpoint=http://127.0.0.1:1';

test.each([
  [[], '--data is required'],
  [['--index', INDEX], '--index and --store are used together'],
  [['--data', '/nowhere', '--store', STORE], '--index and --store are used together'],
  [['--index', INDEX, '--store', STORE, '--reindex'], '--reindex cannot be used with --index and --store'],
  [['--index', INDEX, '--store', STORE, '--quota', '1GB'], '--quota cannot be used with --index and --store'],
  [['--index', INDEX, '--store', STORE, '--file-name', '{SOPInstanceUID}'], '--file-name cannot be used'],
  [['--index', INDEX, '--store', STORE, '--store-memory', '1MB'], '--store-memory must be at least 10MiB'],
  [['--data', '/nowhere', '--store-memory', '1GB'], '--store-memory is only used with --store'],
  [['--index', 'mysql://host/archive', '--store', STORE], 'must look like postgres://'],
  [['--index', INDEX, '--store', 'file:///archive'], 'not the URL of an object store'],
  [['delete', '--study', '1.2', '--index', INDEX], '--index and --store are used together'],
])('refuses %j', async (argv, message) => {
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'reader');
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'secret');
  const { exitCode, stderr } = await run(...argv);
  expect(exitCode).toBe(2);
  expect(stderr).toContain(message);
  expect(stderr).not.toContain('secret');
  vi.unstubAllEnvs();
});

describe.skipIf(TEST_SERVER === undefined)('processes that share an archive', () => {
  let objects: ObjectServer;
  let wire: Wire;
  let schema: ReturnType<typeof testSchema>;
  let shared: readonly string[];
  const running: RunningArchive[] = [];
  beforeEach(async () => {
    vi.stubEnv('AWS_ACCESS_KEY_ID', 'reader');
    vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'secret');
    objects = await ObjectServer.start();
    schema = testSchema();
    wire = await wireTo(schema.url);
    shared = ['--index', wire.url, '--store', objects.url];
  });
  afterEach(async () => {
    for (const archive of running.splice(0)) await archive.stop();
    await wire[Symbol.asyncDispose]();
    await schema[Symbol.asyncDispose]();
    await objects[Symbol.asyncDispose]();
    vi.unstubAllEnvs();
  });

  const start = async (...options: readonly string[]) => {
    const archive = await runArchive(...shared, ...options);
    running.push(archive);
    return archive;
  };

  const calling = ({ port }: RunningArchive) =>
    openSession({
      host: '127.0.0.1',
      port,
      callingAeTitle: 'CT',
      calledAeTitle: 'DIMSE',
      services: [studyRoot, storage],
      contexts: [CT_IMAGE_STORAGE, ...Object.values(studyRoot.sopClasses).map(({ uid }) => uid)].map(
        (abstractSyntax) => ({ abstractSyntax, transferSyntaxes: [EXPLICIT_VR_LITTLE_ENDIAN] }),
      ),
    });

  async function store(archive: RunningArchive, sopInstance: string): Promise<void> {
    await using session = await calling(archive);
    const uids = { sopClass: CT_IMAGE_STORAGE, sopInstance };
    const data = syntheticDataSet({ ...uids, study: '1.1', series: '1.1.1', pixelLength: 2000 });
    await session.use(storage).store({ ...uids, transferSyntax: EXPLICIT_VR_LITTLE_ENDIAN, data });
  }

  const identifier = { QueryRetrieveLevel: 'STUDY', StudyInstanceUID: '1.1' } as const;

  async function find(archive: RunningArchive): Promise<unknown[]> {
    await using session = await calling(archive);
    const found: unknown[] = [];
    const keys = { ...identifier, NumberOfStudyRelatedInstances: '' };
    for await (const match of session.use(studyRoot).find({ identifier: keys }))
      found.push(match.identifier?.NumberOfStudyRelatedInstances);
    return found;
  }

  async function retrieve(archive: RunningArchive): Promise<readonly string[]> {
    const retrieval = get({
      ...{ host: '127.0.0.1', port: archive.port, callingAeTitle: 'CT', calledAeTitle: 'DIMSE' },
      ...{ identifier, sopClasses: [CT_IMAGE_STORAGE] },
    } as never);
    const uids: string[] = [];
    for await (const { sopInstance, data } of retrieval) {
      for await (const _ of data);
      uids.push(sopInstance);
    }
    return uids.sort();
  }

  test('find and give what each of them has stored, and delete it for all', async () => {
    const [one, other] = [await start(), await start()];
    await store(one, '1');
    await store(other, '2');
    await store(other, '1');
    for (const archive of [one, other]) {
      expect(await find(archive)).toEqual([2]);
      expect(await retrieve(archive)).toEqual(['1', '2']);
    }
    const deleted = await run('delete', ...shared, '--study', '1.1', '--yes');
    expect(deleted).toMatchObject({ exitCode: 0, stderr: '' });
    expect(deleted.stdout).toMatch(/^deleted the study 1\.1: 2 instances/);
    for (const archive of [one, other]) expect(await find(archive)).toEqual([]);
  });

  test('answer with the status of lacking resources while the database is away, and work again afterwards', async () => {
    const archive = await start();
    await store(archive, '1');
    wire.cut();
    const statusOf = async (work: Promise<unknown>) => {
      const error = await work.then(
        () => undefined,
        (reason: unknown) => reason,
      );
      return error instanceof DimseError ? error.status : error;
    };
    expect(await statusOf(store(archive, '2'))).toBe(Status.OutOfResources);
    expect(await statusOf(find(archive))).toBe(Status.OutOfResources);
    expect(await statusOf(retrieve(archive))).toBe(0xa701);
    wire.mend();
    await store(archive, '2');
    expect(await find(archive)).toEqual([2]);
  });

  test('take the address of the database from the environment', async () => {
    vi.stubEnv('DIMSE_SCP_INDEX', wire.url);
    shared = ['--store', objects.url];
    const archive = await start();
    await store(archive, '1');
    expect(await find(archive)).toEqual([1]);
    const { password } = new URL(wire.url);
    expect(password).not.toBe('');
    expect(archive.log()).not.toContain(password);
  });
});
