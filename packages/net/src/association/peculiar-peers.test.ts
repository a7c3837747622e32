// Association requests and answers that break the standard but can be served, and how they are handled.

import { type AssociateAccept, type AssociateRequest, decodePdu, encodePdu, type Pdu } from '@x/pdu';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { accept, explainRefused, type Listener, listen, requestAssociation } from '../index.ts';
import { callPort, listenWith } from '../testing/scripted-peer.ts';

const VERIFICATION = '1.2.840.10008.1.1';
const IMPLICIT = '1.2.840.10008.1.2';
const CT = '1.2.840.10008.5.1.4.1.1.2';
const UNSUPPORTED = '1.2.840.10008.9.9';
const CONTEXT = { id: 1, abstractSyntax: VERIFICATION, transferSyntaxes: [IMPLICIT] };
const REQUEST: AssociateRequest = {
  type: 'A-ASSOCIATE-RQ',
  protocolVersion: 1,
  calledAeTitle: 'SCP',
  callingAeTitle: 'SCU',
  presentationContexts: [CONTEXT],
  userInformation: { maximumLength: 16384 },
};
const ABSTRACT = Buffer.from(`300000${VERIFICATION.length.toString(16)}`, 'hex');
const CALLED_AT = 6 + 4;
const CALLING_AT = 6 + 20;
const bytesOf = (pdu: Pdu) => Buffer.concat(encodePdu(pdu));
const request = (change: Partial<AssociateRequest> = {}) => bytesOf({ ...REQUEST, ...change });
const contexts = (...presentationContexts: AssociateRequest['presentationContexts']) =>
  request({ presentationContexts });

/** The same bytes, with a part replaced by other bytes of the same length. */
function replaced(bytes: Buffer, from: string, to: string): Buffer {
  expect(from.length).toBe(to.length);
  expect(bytes.indexOf(from)).toBeGreaterThan(0);
  bytes.write(to, bytes.indexOf(from), 'latin1');
  return bytes;
}

let listener: Listener;
let failures: unknown[];
beforeEach(async () => {
  failures = [];
  listener = await listen(
    { port: 0, host: '127.0.0.1' },
    {
      decide: () =>
        accept({
          supports: (uid) =>
            uid === UNSUPPORTED ? undefined : { transferSyntaxes: 'any', roles: { scu: true, scp: true } },
          extendedNegotiation: ({ applicationInformation }) => applicationInformation,
        }),
      serve: async (association) => {
        for await (const _ of association.receive());
      },
    },
  );
  listener.on('failed', (error) => failures.push(error));
});
afterEach(() => listener.close().then(() => {}));

/** Sends a request, releases the association, and returns the bytes of the A-ASSOCIATE-AC. */
async function answerTo(bytes: Buffer): Promise<Buffer> {
  const peer = await callPort(listener.port);
  peer.send(bytes);
  const answer = (await peer.nextPdu()) as Buffer;
  expect([answer[0], failures]).toEqual([2, []]);
  peer.send(bytesOf({ type: 'A-RELEASE-RQ' }));
  expect((await peer.nextPdu())?.[0]).toBe(6);
  peer.end();
  return answer;
}

const accepted = async (bytes: Buffer) =>
  (decodePdu(2, (await answerTo(bytes)).subarray(6)) as AssociateAccept).presentationContexts;

describe('an acceptor accepts', () => {
  test.each([
    ['letters outside ASCII', 'M\xdcLLER'],
    ['a backslash', 'A\\B'],
    ['an escape sequence in text', '\\x41'],
    ['NUL inside', 'A\0B'],
    ['control characters', '\x1b[2J\r\n'],
    ['lower case', 'scu'],
    ['16 characters of any kind', '\xff'.repeat(16)],
    ['only spaces', ''],
  ])('AE titles with %s, and returns them unchanged', async (_, title) => {
    const bytes = request();
    const field = Buffer.alloc(16, 0x20);
    field.write(title, 'latin1');
    field.copy(bytes, CALLED_AT);
    field.copy(bytes, CALLING_AT);
    const answer = await answerTo(bytes);
    expect(answer.subarray(CALLED_AT, CALLING_AT + 16).equals(Buffer.concat([field, field]))).toBe(true);
  });

  test.each([
    ['leading zeros', '1.2.09.87'],
    ['empty components', '1..2...87'],
    ['only NULs', '\0\0\0\0\0\0\0\0\0'],
  ])('an association, refusing a context whose transfer syntax is a UID with %s', async (_, uid) => {
    const refused = { id: 3, abstractSyntax: UNSUPPORTED, transferSyntaxes: ['1.2.9.8.7'] };
    expect(await accepted(replaced(contexts(CONTEXT, refused), '1.2.9.8.7', uid))).toMatchObject([
      { id: 1, result: 0 },
      { id: 3, result: 3 },
    ]);
  });

  test('an association, refusing a context whose only transfer syntax is not a valid UID', async () => {
    const odd = { id: 3, abstractSyntax: CT, transferSyntaxes: ['1.2.9.8.7'] };
    expect(await accepted(replaced(contexts(CONTEXT, odd), '1.2.9.8.7', '1.2.09.87'))).toMatchObject([
      { id: 1, result: 0 },
      { id: 3, result: 4 },
    ]);
  });

  test.each([
    ['abstract syntax', '1.2.9.8.7', 3],
    ['transfer syntax', IMPLICIT, 4],
  ])('an association, refusing one context whose %s is not a UID', async (_, uid, result) => {
    const odd = { id: 3, abstractSyntax: '1.2.9.8.7', transferSyntaxes: [IMPLICIT] };
    const bytes = contexts(odd, CONTEXT);
    for (const malformed of [uid.replaceAll('.', ','), 'A'.repeat(uid.length), '\xff'.repeat(uid.length)])
      expect(await accepted(replaced(Buffer.from(bytes), uid, malformed))).toMatchObject([
        { id: 3, result },
        { id: 1, result: 0 },
      ]);
  });

  test('a context in its other transfer syntax if one is not a UID', async () => {
    const odd = { id: 3, abstractSyntax: CT, transferSyntaxes: ['1.2.9.8.7', IMPLICIT] };
    expect(await accepted(replaced(contexts(CONTEXT, odd), '1.2.9.8.7', '1.2,9.8.7'))).toMatchObject([
      { id: 1, result: 0 },
      { id: 3, result: 0, transferSyntax: IMPLICIT },
    ]);
  });

  test('an association, without roles and extended negotiation for a SOP class that is not a UID', async () => {
    const uid = '1.2.9.8.7';
    const bytes = request({
      userInformation: {
        roleSelections: [{ sopClassUid: uid, scuRole: true, scpRole: true }],
        extendedNegotiations: [{ sopClassUid: uid, applicationInformation: Uint8Array.of(1) }],
      },
    });
    for (let count = 0; count < 2; count++) replaced(bytes, uid, '1.2/9.8.7');
    expect(await accepted(bytes)).toMatchObject([{ id: 1, result: 0 }]);
  });

  test('roles and extended negotiation for a SOP class UID with leading zeros, without answering them', async () => {
    const uid = '1.2.9.8.7';
    const bytes = request({
      presentationContexts: [{ id: 1, abstractSyntax: uid, transferSyntaxes: [IMPLICIT] }],
      userInformation: {
        roleSelections: [{ sopClassUid: uid, scuRole: true, scpRole: true }],
        extendedNegotiations: [{ sopClassUid: uid, applicationInformation: Uint8Array.of(1) }],
      },
    });
    for (let count = 0; count < 3; count++) replaced(bytes, uid, '1.2.09.87');
    const answer = decodePdu(2, (await answerTo(bytes)).subarray(6)) as AssociateAccept;
    expect(answer.presentationContexts).toMatchObject([{ id: 1, result: 0 }]);
    expect([answer.userInformation.roleSelections, answer.userInformation.extendedNegotiations]).toEqual([
      undefined,
      undefined,
    ]);
  });

  test('two contexts with the same id, answering the first', async () => {
    const second = { id: 1, abstractSyntax: UNSUPPORTED, transferSyntaxes: [IMPLICIT] };
    expect(await accepted(contexts(CONTEXT, second))).toEqual([{ id: 1, result: 0, transferSyntax: IMPLICIT }]);
  });

  test('a request, returning its AE titles and reserved bytes as they are', async () => {
    const bytes = request();
    bytes.write('  SCP  ', CALLED_AT, 'latin1');
    bytes.write('\0SCU\0', CALLING_AT, 'latin1');
    for (let at = CALLING_AT + 16; at < 74; at++) bytes[at] = at;
    const answer = await answerTo(bytes);
    expect(answer.subarray(CALLED_AT, 74).toString('hex')).toBe(bytes.subarray(CALLED_AT, 74).toString('hex'));
  });

  test.each([
    [
      'without an abstract syntax',
      (bytes: Buffer) => bytes.fill(0x7f, bytes.indexOf(ABSTRACT), bytes.indexOf(ABSTRACT) + 1),
    ],
    [
      'with an abstract syntax of NULs',
      (bytes: Buffer) => bytes.fill(0, bytes.indexOf(ABSTRACT) + 4, bytes.indexOf(ABSTRACT) + 4 + VERIFICATION.length),
    ],
  ])('an association, refusing a context %s', async (_, change) => {
    const bytes = contexts({ ...CONTEXT, id: 3 }, CONTEXT);
    change(bytes);
    expect(await accepted(bytes)).toMatchObject([
      { id: 3, result: 3 },
      { id: 1, result: 0 },
    ]);
  });

  test('a request without an application context', async () => {
    const bytes = request();
    // The item gets an unknown type.
    bytes[74] = 0x7f;
    expect(await accepted(bytes)).toMatchObject([{ id: 1, result: 0 }]);
  });

  test.each([
    ['no context at all', contexts(), []],
    ['id 0', contexts({ ...CONTEXT, id: 0 }), [{ id: 0, result: 0 }]],
    ['id 255', contexts({ ...CONTEXT, id: 255 }), [{ id: 255, result: 0 }]],
    ['a context without transfer syntax', contexts({ ...CONTEXT, transferSyntaxes: [] }), [{ id: 1, result: 4 }]],
  ])('%s', async (_, bytes, answer) => {
    expect(await accepted(bytes)).toMatchObject(answer);
  });

  test('128 contexts, but not 129', async () => {
    const many = (count: number) => contexts(...Array.from({ length: count }, (_, id) => ({ ...CONTEXT, id })));
    expect((await accepted(many(128))).length).toBe(128);
    const peer = await callPort(listener.port);
    peer.send(many(129));
    expect((await peer.nextPdu())?.[0]).toBe(7);
    peer.end();
  });

  test('user information twice, and roles and windows that were not requested', async () => {
    const bytes = request({
      unknownItems: [{ type: 0x50, data: Buffer.from('5100000400000001', 'hex') }],
      userInformation: {
        maximumLength: 16384,
        asynchronousOperationsWindow: { maximumInvoked: 0, maximumPerformed: 0 },
        roleSelections: [{ sopClassUid: CT, scuRole: false, scpRole: false }],
      },
    });
    const { userInformation } = decodePdu(2, (await answerTo(bytes)).subarray(6)) as AssociateAccept;
    expect(userInformation.asynchronousOperationsWindow).toEqual({ maximumInvoked: 1, maximumPerformed: 1 });
    expect(userInformation.roleSelections).toBeUndefined();
  });
});

describe('a strict acceptor', () => {
  test.each([
    ['without an application context', () => request().fill(0x7f, 74, 75)],
    ['without an abstract syntax', () => contexts({ ...CONTEXT, abstractSyntax: '' })],
    ['with an abstract syntax that is not a UID', () => replaced(contexts(CONTEXT), VERIFICATION, 'Verification test')],
    ['with a context ID twice', () => contexts(CONTEXT, CONTEXT)],
    ['without presentation contexts', () => contexts()],
  ])('aborts a request %s, as PS3.8 says of invalid PDUs (AA-1)', async (_, bytes) => {
    const strict = await listen(
      { port: 0, host: '127.0.0.1' },
      {
        strict: true,
        decide: () => accept({ supports: () => ({ transferSyntaxes: 'any' }) }),
        serve: ({ closed }) => closed.then(() => {}),
      },
    );
    const failed = new Promise((resolve) => strict.once('failed', resolve));
    const peer = await callPort(strict.port);
    peer.send(bytes());
    expect((await peer.nextPdu())?.[0]).toBe(7);
    expect(await failed).toMatchObject({ name: 'AssociationAbortedError', cause: { name: 'PduError' } });
    peer.end();
    await strict.close();
  });
});

describe('a requestor reads', () => {
  async function answered(presentationContexts: AssociateAccept['presentationContexts']) {
    const server = await listenWith(async (peer) => {
      await peer.nextPdu();
      peer.send(bytesOf({ ...REQUEST, type: 'A-ASSOCIATE-AC', presentationContexts }));
      await peer.nextPdu();
      peer.end();
    });
    const association = await requestAssociation({
      host: '127.0.0.1',
      port: server.port,
      callingAeTitle: 'SCU',
      calledAeTitle: 'SCP',
      contexts: [VERIFICATION, CT].map((abstractSyntax) => ({ abstractSyntax, transferSyntaxes: [IMPLICIT] })),
    });
    association.abort();
    await association.connection.disconnected;
    await server.close();
    return association;
  }

  test('missing answers to contexts as refusals', async () => {
    const { contexts: ours, refusedContexts } = await answered([{ id: 3, result: 0, transferSyntax: IMPLICIT }]);
    expect([[...ours.keys()], refusedContexts.map(({ id }) => id)]).toEqual([[3], [1]]);
    expect(explainRefused(refusedContexts)).toEqual([`context 1, ${VERIFICATION} in ${IMPLICIT}: not answered`]);
  });

  test('answers to contexts that were not proposed as absent', async () => {
    const both = [1, 3].map((id) => ({ id, result: 0, transferSyntax: IMPLICIT }));
    const { contexts: ours } = await answered([...both, { id: 5, result: 0, transferSyntax: IMPLICIT }]);
    expect([...ours.keys()]).toEqual([1, 3]);
  });

  test('the first of several answers to one context', async () => {
    const { contexts: ours } = await answered([
      { id: 1, result: 0, transferSyntax: IMPLICIT },
      { id: 1, result: 3 },
      { id: 3, result: 4 },
      { id: 3, result: 0, transferSyntax: IMPLICIT },
    ]);
    expect([...ours.keys()]).toEqual([1]);
  });

  test('acceptance in a transfer syntax that was not proposed as a refusal', async () => {
    const { contexts: ours, refusedContexts } = await answered([
      { id: 1, result: 0, transferSyntax: '1.2.840.10008.1.2.2' },
      { id: 3, result: 0, transferSyntax: IMPLICIT },
    ]);
    expect([...ours.keys()]).toEqual([3]);
    expect(explainRefused(refusedContexts)).toEqual([
      `context 1, ${VERIFICATION} in ${IMPLICIT}: accepted in 1.2.840.10008.1.2.2, which was not proposed`,
    ]);
  });

  test('acceptance in a transfer syntax that is not a UID as a refusal', async () => {
    const { contexts: ours, refusedContexts } = await answered([
      { id: 1, result: 0, unknownItems: [{ type: 0x40, data: Buffer.from('Implicit') }] },
      { id: 3, result: 0, transferSyntax: IMPLICIT },
    ]);
    expect([...ours.keys()]).toEqual([3]);
    expect(explainRefused(refusedContexts)).toEqual([
      `context 1, ${VERIFICATION} in ${IMPLICIT}: accepted without a transfer syntax`,
    ]);
  });

  test('the first of several transfer syntaxes', async () => {
    const more = [{ type: 0x40, data: Buffer.from('1.2.840.10008.1.2.2') }];
    const { contexts: ours } = await answered([
      { id: 1, result: 0, transferSyntax: IMPLICIT, unknownItems: more },
      { id: 3, result: 9 },
    ]);
    expect([...ours.values()].map(({ transferSyntax }) => transferSyntax)).toEqual([IMPLICIT]);
  });
});
