import { sql } from 'kysely';
import { afterEach, describe, expect, test } from 'vitest';
import { inTestDatabase, TEST_SERVER, testSchema, wireTo } from '../../../test/test-database.ts';
import { openSharedDatabase, type SharedDatabase } from '../../shared-database/shared-database.ts';
import { isUnavailable } from '../../shared-database/shared-database-error.ts';
import type { ArchiveIndex } from './archive-index.ts';
import { archiveIndexContract } from './archive-index-contract.ts';
import { ALL, all, DOE, described, fill, found, YAMADA } from './archive-index-samples.ts';
import { INDEXED_ATTRIBUTES } from './indexed-attributes.ts';
import { openPostgresArchiveIndex } from './postgres-archive-index.ts';
import { POSTGRES_MIGRATIONS, type PostgresTables } from './postgres-schema.ts';
import { columnOf, TABLES } from './schema.ts';

const ending: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const end of ending.splice(0).reverse()) await end();
});

function schemaOfTest(): string {
  const schema = testSchema();
  ending.push(async () => schema[Symbol.asyncDispose]());
  return schema.url;
}

async function databaseAt(url: string): Promise<SharedDatabase> {
  const shared = await openSharedDatabase(url);
  ending.push(async () => shared[Symbol.asyncDispose]());
  return shared;
}

const urls = new Map<ArchiveIndex, string>();

/** An index as another process opens it. */
async function indexAt(url: string): Promise<ArchiveIndex> {
  const index = await openPostgresArchiveIndex(await databaseAt(url), { grace: 0 });
  ending.push(async () => index[Symbol.asyncDispose]());
  urls.set(index, url);
  return index;
}

const tablesAt = async (url: string) =>
  (await databaseAt(url)).open<PostgresTables>({ name: 'index', migrations: POSTGRES_MIGRATIONS });

describe.skipIf(TEST_SERVER === undefined)('the index in PostgreSQL', () => {
  const create = () => indexAt(schemaOfTest());
  const reopen = (index: ArchiveIndex) => indexAt(urls.get(index) ?? '');
  test.each(archiveIndexContract(create, reopen, { isShared: true }))('$name', ({ check }) => check());

  test('has a column for each attribute that is to have one, and for no other', async () => {
    const tables = await tablesAt(schemaOfTest());
    const { rows } = await sql<{ name: string }>`select table_name || '.' || column_name as name
      from information_schema.columns where table_schema = current_schema()`.execute(tables);
    const names = rows.map(({ name }) => name);
    const columns = INDEXED_ATTRIBUTES.filter(({ column }) => column).map(
      ({ level, keyword }) => `${TABLES[level]}.${columnOf(keyword)}`,
    );
    expect(columns.filter((each) => !names.includes(each))).toEqual([]);
  });

  // A single statement for all levels loses rows here, without an error.
  test.each([8, 16])(
    'has every instance that %i processes enter at once into the same new series',
    async (processes) => {
      const url = schemaOfTest();
      const indexes = await Promise.all(Array.from({ length: processes }, () => indexAt(`${url}&connections=2`)));
      const [rounds, each] = [6, 3];
      for (let round = 0; round < rounds; round++)
        await Promise.all(
          indexes.flatMap((index, process) =>
            Array.from({ length: each }, (_, number) =>
              index.add(...described(`${round}/${round}.1/${round}.1.${process}.${number}`, DOE)),
            ),
          ),
        );
      const [first] = indexes as [ArchiveIndex];
      expect(await first.counts()).toEqual({ studies: rounds, series: rounds, instances: rounds * processes * each });
      expect(await found(first, 'PATIENT', {})).toEqual(['42']);
      const keys = Array.from({ length: rounds }, (_, round) => ({ study: `${round}`, series: `${round}.1` }));
      for (const key of keys) expect((await first.sopInstancesOf(key)).size).toBe(processes * each);
    },
  );

  test('has one entry of an instance that 8 processes enter at once, whichever patient they name', async () => {
    const url = schemaOfTest();
    const indexes = await Promise.all(Array.from({ length: 8 }, () => indexAt(`${url}&connections=2`)));
    const answers = await Promise.all(
      indexes.map((index, process) => {
        const [instance, attributes] = described('1/1.1/1.1.1', process % 2 ? DOE : YAMADA);
        return index.add({ ...instance, file: `of ${process}` }, attributes);
      }),
    );
    const [entry] = await indexAt(url).then((index) => index.locate('1.1.1'));
    expect(answers.filter((answer) => answer === undefined).length).toBe(1);
    const winner = answers.indexOf(undefined);
    expect(entry?.file).toBe(`of ${winner}`);
    expect(answers.filter((answer) => answer !== undefined)).toEqual(Array(7).fill(entry));
    const [first] = indexes as [ArchiveIndex];
    const listed = await first.deletions.filesToRemove(20);
    expect(listed.map(({ file }) => file).sort()).toEqual(
      [0, 1, 2, 3, 4, 5, 6, 7].filter((each) => each !== winner).map((each) => `of ${each}`),
    );
    // The entity of a patient whose instance lost is not left behind.
    expect(await first.counts()).toEqual({ studies: 1, series: 1, instances: 1 });
    expect((await found(first, 'PATIENT', {})).length).toBe(1);
  });

  test('keeps entities in step while processes enter and remove at once', async () => {
    const url = schemaOfTest();
    const [one, other, third] = (await Promise.all([indexAt(url), indexAt(url), indexAt(url)])) as [
      ArchiveIndex,
      ArchiveIndex,
      ArchiveIndex,
    ];
    const uids = (number: number) => `1/1.${number % 2}/1.${number % 2}.${number}`;
    const keyOf = (number: number) => described(uids(number), DOE)[0];
    const rounds = 40;
    const enterAndRemove = async (number: number) => {
      await one.add(...described(uids(number), DOE));
      await other.remove(keyOf(number));
    };
    for (let round = 0; round < rounds; round++)
      await Promise.all([
        // The series is empty for a moment, or not, as it happens.
        one.remove(keyOf(round - 1)),
        other.remove(keyOf(round - 2)),
        third.add(...described(uids(round), DOE)),
        enterAndRemove(round + rounds),
      ]);
    const tables = await tablesAt(url);
    const { rows } = await sql<{ empty: number; name: string }>`
      select 'patient' as name, count(*) as empty from patient where id not in (select patient from study)
      union all select 'study', count(*) from study where id not in (select study from series)
      union all select 'series', count(*) from series where id not in (select series from instance)`.execute(tables);
    expect(rows.filter(({ empty }) => empty > 0)).toEqual([]);
    expect([...(await one.sopInstancesOf({ study: '1', series: '1.1' }))]).toEqual([keyOf(rounds - 1).sopInstance]);
    expect((await one.counts()).instances).toBe(1);
  });

  test('continues after its rows of a known series were removed by another process', async () => {
    const url = schemaOfTest();
    const [one, other] = [await indexAt(url), await indexAt(url)];
    for (let round = 0; round < 3; round++) {
      await one.add(...described('1/1.1/1.1.1', DOE));
      await other.remove(described('1/1.1/1.1.1', DOE)[0]);
    }
    await one.add(...described('1/1.1/1.1.1', DOE));
    expect(await other.counts()).toEqual({ studies: 1, series: 1, instances: 1 });
  });

  test('shows arrivals in the order in which they became visible', async () => {
    const url = schemaOfTest();
    const index = await indexAt(url);
    await fill(index);
    // Tests beside this one use the same server.
    await expect.poll(async () => (await index.arrivals.after(0, 10)).length).toBe(4);
    const before = await index.arrivals.state();
    const server = await databaseAt(url);
    const tables = await server.open<PostgresTables>({ name: 'index', migrations: POSTGRES_MIGRATIONS });
    let commit = () => {};
    let begun = () => {};
    const isBegun = new Promise<void>((resolve) => {
      begun = resolve;
    });
    const mayCommit = new Promise<void>((resolve) => {
      commit = resolve;
    });
    // It has the lower id and the earlier transaction, and is committed later.
    const late = server.transaction(tables, async (transaction) => {
      await sql`insert into instance (series, series_key, arrival, sop_instance_uid, sop_class_uid, transfer_syntax_uid,
          attributes) select id, 0, pg_current_xact_id()::text::bigint, 'late', '1.2', '1.2', '{}' from series
        where series_instance_uid = '1.1'`.execute(transaction);
      begun();
      await mayCommit;
    });
    await isBegun;
    await index.add(...described('1/1.1/1.1.8', DOE));
    expect(await index.arrivals.after(before.last, 10)).toEqual([]);
    const { last } = await index.arrivals.state();
    commit();
    await late;
    const arrived = async (after: number) =>
      (await index.arrivals.after(after, 10)).map(({ sopInstance }) => sopInstance);
    await expect.poll(() => arrived(before.last)).toEqual(['late', '1.1.8']);
    // A reader that went on to the end that it saw then has missed neither.
    expect(await arrived(last)).toEqual(['late', '1.1.8']);
  });

  test('continues the order of arrival if the server counts transactions from the start', async () => {
    const url = schemaOfTest();
    const index = await indexAt(url);
    await fill(index);
    // As if it had been restored from a server that has done more.
    await sql`update instance set arrival = arrival + 1000000000`.execute(await tablesAt(url));
    const again = await indexAt(url);
    await again.add(...described('1/1.1/1.1.9', DOE));
    const arrived = async () => (await again.arrivals.after(0, 10)).map(({ sopInstance }) => sopInstance);
    await expect.poll(arrived).toEqual(['1.1.1', '1.1.2', '1.2.1', '2.1.1', '1.1.9']);
  });

  test('has files removed some time after their entries, so that retrievals can end', async () => {
    const url = schemaOfTest();
    const shared = await databaseAt(url);
    const index = await openPostgresArchiveIndex(shared);
    const [instance, attributes] = described('1/1.1/1.1.1', DOE);
    await index.add({ ...instance, file: 'a' }, attributes);
    await index.deletions.listForRemoval({ study: '1' }, await index.deletions.lastOf({ study: '1' }), 10);
    expect(await index.deletions.filesToRemove(10)).toEqual([]);
    await sql`update file_removal set listed = now() - interval '61 minutes'`.execute(await tablesAt(url));
    expect(await index.deletions.filesToRemove(10)).toEqual([
      { study: '1', series: '1.1', sopInstance: '1.1.1', file: 'a' },
    ]);
    await index[Symbol.asyncDispose]();
  });

  test('finds by 100,000 UIDs', async () => {
    const index = await create();
    await fill(index);
    const uids = Array.from({ length: 100_000 }, (_, number) => `9.${number}`);
    expect(await found(index, 'IMAGE', { SOPInstanceUID: [...uids, '1.1.2'] })).toEqual(['1.1.2']);
  });

  test('finds names with an index', async () => {
    const url = schemaOfTest();
    const index = await indexAt(url);
    const tables = await tablesAt(url);
    const { rows } = await sql<{ definition: string }>`select indexdef as definition from pg_indexes
      where tablename = 'patient' and schemaname = current_schema()`.execute(tables);
    expect(rows.some(({ definition }) => definition.includes('gin_trgm_ops'))).toBe(true);
    await fill(index);
    expect(await found(index, 'STUDY', { PatientName: '*山田*' })).toEqual(['2']);
    expect(await found(index, 'STUDY', { PatientName: 'DOE*' })).toEqual(['1']);
  });

  test('answers more than a page, each entity once, while others enter', async () => {
    const url = schemaOfTest();
    const [index, other] = [await indexAt(url), await indexAt(url)];
    await Promise.all(Array.from({ length: 450 }, (_, at) => index.add(...described(`1/1.1/1.1.${at}`, DOE))));
    const uids = new Set<unknown>();
    let count = 0;
    for await (const { SOPInstanceUID } of index.find({ level: 'IMAGE', identifier: { SOPInstanceUID: '' } })) {
      uids.add(SOPInstanceUID);
      if (count++ === 0) await other.add(...described('1/1.1/9', DOE));
    }
    expect(uids.size).toBe(count);
    expect(count).toBeGreaterThanOrEqual(450);
    expect(await index.countInstances({ level: 'STUDY', identifier: { NumberOfStudyRelatedInstances: '' } })).toBe(451);
    const [study] = await all(index.find({ level: 'STUDY', identifier: { NumberOfStudyRelatedInstances: '' } }));
    expect(study?.NumberOfStudyRelatedInstances).toBe(451);
  });

  test('fails with an error that says so while the database cannot be reached, and works again afterwards', async () => {
    await using wire = await wireTo(schemaOfTest());
    const index = await indexAt(wire.url);
    await fill(index);
    wire.cut();
    await expect(index.add(...described('1/1.1/1.1.7', DOE))).rejects.toSatisfy(isUnavailable);
    await expect(all(index.find({ level: 'STUDY', identifier: {} }))).rejects.toSatisfy(isUnavailable);
    wire.mend();
    expect(await index.counts()).toEqual(ALL);
    for (const end of ending.splice(1).reverse()) await end();
  });

  test('refuses an index that a version with other attributes has made', async () => {
    const url = schemaOfTest();
    await indexAt(url);
    const schema = new URL(url).searchParams.get('schema');
    await inTestDatabase(`insert into ${schema}.indexed_attribute values ('STUDY New')`);
    await expect(indexAt(url)).rejects.toThrow('indexes STUDY New');
  });
});
