// Options of sessions and SCPs in plain JavaScript: faults are errors at once, with the name of the right option.

import { OptionError } from '@x/net';
import { afterEach, describe, expect, test } from 'vitest';
import { SopClass, STORAGE_SOP_CLASSES, TransferSyntax } from '../registry/uids.generated.ts';
import { studyRoot } from '../services/query-retrieve.ts';
import { storage } from '../services/storage.ts';
import { createScp, type Scp, type ScpOptions } from './scp.ts';
import { impliedContexts, type OpenSessionOptions, openSession } from './scu.ts';
import { serve } from './service-class.ts';
import { verification } from './verification.ts';

const open: Scp[] = [];
afterEach(async () => {
  for (const scp of open.splice(0)) await scp.close();
});

const SCP = { aeTitle: 'SCP', services: [] };
const SESSION = { host: '127.0.0.1', port: 1, callingAeTitle: 'SCU', calledAeTitle: 'SCP', services: [verification] };

async function peer(options: Partial<ScpOptions> = {}) {
  const scp = createScp({ ...SCP, ...options });
  open.push(scp);
  const { port } = await scp.listen({ port: 0, host: '127.0.0.1' });
  return { ...SESSION, port };
}

describe('faults of options', () => {
  test.each<[unknown, string]>([
    [undefined, "createScp: the option 'aeTitle' is missing"],
    [{}, "createScp: the option 'aeTitle' is missing"],
    [{ aeTitle: 'SCP' }, "createScp: the option 'services' is missing"],
    [{ ...SCP, aetitle: 'X' }, "createScp: unknown option 'aetitle'; did you mean 'aeTitle'?"],
    [
      { ...SCP, aeTitle: 'A TITLE THAT IS TOO LONG' },
      "'A TITLE THAT IS TOO LONG' of 24 characters, not an AE title: 1 to 16",
    ],
    [{ ...SCP, aeTitle: 'A\\B' }, 'not an AE title'],
    [{ ...SCP, port: 104 }, "createScp: 'port' is an option of scp.listen"],
    [{ ...SCP, services: [verification] }, 'is a service class without handlers: use serve(serviceClass, handlers)'],
    [{ ...SCP, tls: { key: '' } }, "createScp: the option 'tls.cert' is missing"],
    [{ ...SCP, timeouts: { respone: 1 } }, "unknown option 'timeouts.respone'; did you mean 'timeouts.response'?"],
    [{ ...SCP, onUnknownCommand: 'abort' }, "the option 'onUnknownCommand' is 'abort', not a function"],
  ])('createScp refuses %o', (options, message) => {
    expect(() => createScp(options as never)).toThrow(expect.objectContaining({ name: 'OptionError' }));
    expect(() => createScp(options as never)).toThrow(message);
  });

  test.each<[unknown, string]>([
    [{ port: 0, tls: { key: '', cert: '' } }, "scp.listen: 'tls' is an option of createScp"],
    [{ port: 0, aeTitle: 'X' }, "scp.listen: 'aeTitle' is an option of createScp"],
    [{ hots: 'x', port: 0 }, "scp.listen: unknown option 'hots'; did you mean 'host'?"],
    [{}, "scp.listen: the option 'port' is missing"],
  ])('scp.listen refuses %o', async (address, message) => {
    await expect(createScp(SCP).listen(address as never)).rejects.toThrow(message);
    await expect(createScp(SCP).listen(address as never)).rejects.toThrow(OptionError);
  });

  test.each<[Record<string, unknown>, string]>([
    [{ callingAeTitle: undefined }, "openSession: the option 'callingAeTitle' is missing"],
    [{ services: undefined }, "openSession: the option 'services' is missing"],
    [{ services: verification }, "openSession: the option 'services' is an object, not an array"],
    [{ services: [serve(verification, {})] }, 'is provided by handlers: give it in `serves`'],
    [{ servces: [] }, "openSession: unknown option 'servces'; did you mean 'services'?"],
    [{ aeTitle: 'X' }, "openSession: 'aeTitle' is an option of createScp"],
    [{ timeouts: { retreive: 1 } }, "did you mean 'timeouts.retrieve'?"],
  ])('openSession refuses %o', async (change, message) => {
    const opening = openSession({ ...SESSION, ...change } as OpenSessionOptions);
    await expect(opening).rejects.toThrow(message);
    await expect(opening).rejects.toThrow(OptionError);
  });

  test.each<[unknown, unknown, string]>([
    [{ ecko: () => 0 }, {}, "serve: Verification has no operation 'ecko'; did you mean 'echo'?"],
    [{ somethingElse: () => 0 }, {}, "has no operation 'somethingElse'; its operations are echo"],
    [{ echo: 0 }, {}, "serve: Verification: the handler 'echo' is 0, not a function"],
    [{}, { transferSyntax: 'any' }, "serve: unknown option 'transferSyntax'; did you mean 'transferSyntaxes'?"],
  ])('serve refuses %o with %o', (handlers, options, message) => {
    expect(() => serve(verification, handlers as never, options as never)).toThrow(message);
  });
});

describe('Verification', () => {
  test('is served by every SCP', async () => {
    const session = await openSession(await peer());
    expect(await session.use(verification).echo()).toMatchObject({ status: 0 });
    await session.release();
  });

  test('is not served if it is switched off', async () => {
    const session = await openSession(await peer({ verification: false }));
    expect(session.association.refusedContexts).toHaveLength(1);
    await session.release();
  });

  test('is answered by a handler of the program', async () => {
    const session = await openSession(await peer({ services: [serve(verification, { echo: () => 0x0110 })] }));
    await expect(session.use(verification).echo()).rejects.toMatchObject({ code: 'STATUS_0110' });
    await session.release();
  });
});

describe('the presentation contexts of a session', () => {
  const store = serve(storage, { store: () => 0 });

  test('are those of the most common SOP classes, within 128', async () => {
    const session = await openSession({ ...(await peer({ services: [store] })), services: [storage, studyRoot] });
    const proposed = session.association.request.presentationContexts.map(({ abstractSyntax }) => abstractSyntax);
    expect(proposed).toHaveLength(128);
    expect(STORAGE_SOP_CLASSES.length).toBeGreaterThan(128);
    expect(new Set(proposed).size).toBe(128);
    for (const { uid } of Object.values(studyRoot.sopClasses)) expect(proposed).toContain(uid);
    for (const uid of [SopClass.CTImageStorage, SopClass.MRImageStorage, SopClass.ComprehensiveSRStorage])
      expect(proposed).toContain(uid);
    await session.release();
  });

  test('are within 128 if storage is provided for C-GET', () => {
    expect(impliedContexts([studyRoot], [store])).toHaveLength(128);
  });

  test('are those of the instances that will be sent', async () => {
    const sends = [
      { sopClass: SopClass.CTImageStorage, transferSyntax: TransferSyntax.RLELossless },
      { sopClass: SopClass.CTImageStorage, transferSyntax: TransferSyntax.RLELossless },
      { sopClass: '1.2.3.4', transferSyntax: TransferSyntax.ExplicitVRLittleEndian },
      { sopClass: SopClass.SpectaclePrescriptionReportStorage },
    ];
    const session = await openSession({ ...(await peer({ services: [store] })), services: [storage], sends });
    expect(
      session.association.request.presentationContexts.map(({ abstractSyntax, transferSyntaxes }) => [
        abstractSyntax,
        transferSyntaxes.length,
      ]),
    ).toEqual([
      [SopClass.CTImageStorage, 1],
      ['1.2.3.4', 1],
      // Implicit VR Little Endian (PS3.5 §10.1)
      ['1.2.3.4', 1],
      [SopClass.SpectaclePrescriptionReportStorage, 2],
    ]);
    await session.release();
  });

  test('are explained if one was not proposed', async () => {
    const session = await openSession({ ...(await peer({ services: [store] })), services: [storage] });
    const send = (sopClass: string, transferSyntax: string) =>
      session.use(storage).store({ sopClass, sopInstance: '1.2.3', transferSyntax, data: new Uint8Array(0) });
    const advice = 'give openSession the SOP class and the transfer syntax in `sends`';
    const last = Object.values(storage.sopClasses).at(-1)?.uid ?? '';
    await expect(send(last, TransferSyntax.ExplicitVRLittleEndian)).rejects.toThrow(`none was proposed; ${advice}`);
    await expect(send(SopClass.CTImageStorage, TransferSyntax.RLELossless)).rejects.toThrow(advice);
    await session.release();
  });
});
