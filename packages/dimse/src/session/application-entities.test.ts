// Several AE titles on one port: each has its own services, contexts, limits and identity rules.

import { requestAssociation, usernameIdentity } from '@x/net';
import { afterEach, describe, expect, expectTypeOf, test } from 'vitest';
import {
  createScp,
  type Scp,
  type ScpOfEntitiesOptions,
  type ScpOptions,
  serve,
  storage,
  studyRoot,
  verification,
} from '../index.ts';
import { SopClass, TransferSyntax } from '../registry/uids.generated.ts';
import { openSession } from './scu.ts';

const open: Scp[] = [];
afterEach(async () => {
  for (const scp of open.splice(0)) await scp.close();
});

const CT = SopClass.CTImageStorage;
const IMPLICIT = TransferSyntax.ImplicitVRLittleEndian;

async function listening(options: ScpOfEntitiesOptions) {
  const scp = createScp(options);
  open.push(scp);
  const { port } = await scp.listen({ port: 0, host: '127.0.0.1' });
  return { scp, peer: { host: '127.0.0.1', port, callingAeTitle: 'SCU' } };
}

const stored: string[] = [];
const storing = (name: string) =>
  serve(storage, {
    async store({ data }, { calledAeTitle }) {
      for await (const _ of data.batches());
      stored.push(`${name} ${calledAeTitle}`);
      return 0;
    },
  });

describe('several application entities on one port', () => {
  test('have their own services, presentation contexts and Verification', async () => {
    const { peer } = await listening({
      applicationEntities: {
        ARCHIVE: { services: [storing('archive')] },
        QUERY: { services: [serve(studyRoot, { find: () => [] })], verification: false },
      },
    });
    const contexts = [CT, SopClass.Verification, SopClass.StudyRootQueryRetrieveInformationModelFind].map(
      (abstractSyntax) => ({ abstractSyntax, transferSyntaxes: [IMPLICIT] }),
    );
    const accepted = async (calledAeTitle: string) => {
      await using association = await requestAssociation({ ...peer, calledAeTitle, contexts });
      return [...association.contexts.values()].map(({ abstractSyntax }) => abstractSyntax);
    };
    expect(await accepted('ARCHIVE')).toEqual([CT, SopClass.Verification]);
    expect(await accepted('QUERY')).toEqual([SopClass.StudyRootQueryRetrieveInformationModelFind]);
  });

  test('call their own handlers', async () => {
    const { peer } = await listening({
      applicationEntities: { ONE: { services: [storing('first')] }, TWO: { services: [storing('second')] } },
    });
    const instance = { sopClass: CT, sopInstance: '1.2.3', transferSyntax: IMPLICIT, data: new Uint8Array(0) };
    for (const calledAeTitle of ['TWO', 'ONE']) {
      await using session = await openSession({ ...peer, calledAeTitle, services: [storage], sends: [instance] });
      await session.use(storage).store(instance);
    }
    expect(stored.splice(0)).toEqual(['second TWO', 'first ONE']);
  });

  test.each(['OTHER', 'archive', 'constructor', '__proto__'])(
    'reject the called AE title %s',
    async (calledAeTitle) => {
      let asked = 0;
      const { peer } = await listening({
        accept: () => {
          asked++;
          return true;
        },
        applicationEntities: { ARCHIVE: { services: [] } },
      });
      const opening = openSession({ ...peer, calledAeTitle, services: [verification] });
      await expect(opening).rejects.toMatchObject({ result: 1, source: 1, reason: 7 });
      expect(asked).toBe(0);
    },
  );

  test('have their own rules of admission and identity, and take the others from the SCP', async () => {
    const { peer } = await listening({
      accept: ({ callingAeTitle }) => callingAeTitle === 'SCU',
      verifyIdentity: (identity) => identity !== undefined,
      applicationEntities: {
        STRICT: { services: [] },
        OPEN: { services: [], accept: () => true, verifyIdentity: () => true },
      },
    });
    const echo = async (calledAeTitle: string, more: object = {}) => {
      await using session = await openSession({ ...peer, calledAeTitle, services: [verification], ...more });
      return (await session.use(verification).echo()).status;
    };
    expect(await echo('OPEN', { callingAeTitle: 'STRANGER' })).toBe(0);
    await expect(echo('STRICT', { callingAeTitle: 'STRANGER' })).rejects.toMatchObject({ source: 1, reason: 1 });
    await expect(echo('STRICT')).rejects.toMatchObject({ result: 1, source: 2, reason: 1 });
    expect(await echo('STRICT', { userIdentity: usernameIdentity('jane') })).toBe(0);
  });

  test('have their own limits of associations and of data sets', async () => {
    const find = serve(studyRoot, { find: () => [] });
    const { peer } = await listening({
      maximumDataSetLength: 20,
      applicationEntities: {
        SMALL: { services: [find], maximumAssociations: 1 },
        LARGE: { services: [find], maximumDataSetLength: 1000 },
      },
    });
    const asking = (calledAeTitle: string) => openSession({ ...peer, calledAeTitle, services: [studyRoot] });
    const identifier = { QueryRetrieveLevel: 'STUDY', PatientName: 'A name that is long enough' } as const;
    const small = await asking('SMALL');
    await expect(asking('SMALL')).rejects.toMatchObject({ result: 2, source: 3, reason: 2 });
    await using large = await asking('LARGE');
    const { final } = large.use(studyRoot).find({ identifier });
    expect(await final).toMatchObject({ status: 0 });
    await expect(small.use(studyRoot).find({ identifier }).final).rejects.toMatchObject({ status: 0xa700 });
    await small.release();
    // The place is free when the connection has closed.
    await expect
      .poll(() =>
        asking('SMALL').then(
          (session) => session.release().then(() => true),
          () => false,
        ),
      )
      .toBe(true);
  });

  test('are told apart by the sessions of the SCP', async () => {
    const { scp, peer } = await listening({ applicationEntities: { A: { services: [] }, B: { services: [] } } });
    const titles: string[] = [];
    scp.on('session', ({ association }) => titles.push(association.calledAeTitle));
    for (const calledAeTitle of ['B', 'A']) {
      await using session = await openSession({ ...peer, calledAeTitle, services: [verification] });
      await session.use(verification).echo();
    }
    expect(titles).toEqual(['B', 'A']);
  });

  test.each<[unknown, string]>([
    [{}, "'applicationEntities' is not an object with an entity for each AE title"],
    [{ A: {} }, "the option 'applicationEntities.A.services' is missing"],
    [{ 'TOO LONG FOR A TITLE': { services: [] } }, "has a name that is 'TOO LONG FOR A TITLE' of 20 characters"],
    [{ A: { services: [], acept: () => true } }, "did you mean 'applicationEntities.A.accept'?"],
    [{ A: 1 }, "'applicationEntities' has 'A', which is 1, not an object"],
  ])('are refused as %o', (applicationEntities, message) => {
    expect(() => createScp({ applicationEntities } as never)).toThrow(message);
  });

  test('have their services in their own options', () => {
    const applicationEntities = { A: { services: [] } };
    expect(() => createScp({ aeTitle: 'A', applicationEntities } as never)).toThrow(
      "'aeTitle' is an option of createScp without `applicationEntities`",
    );
    expect(() => createScp({ services: [], applicationEntities } as never)).toThrow(
      "'services' is an option of each of `applicationEntities`",
    );
    expectTypeOf({ aeTitle: 'A', services: [] }).toExtend<ScpOptions>();
    expectTypeOf({ applicationEntities }).toExtend<ScpOfEntitiesOptions>();
    expectTypeOf({ applicationEntities: { A: {} } }).not.toExtend<ScpOfEntitiesOptions>();
  });
});
