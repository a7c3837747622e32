// Requests that are there when they are looked for, which are performed without a promise.

import { type Association, accept, associatedPair } from '@x/net';
import { pDataPdu } from '@x/testing/unreading-peer';
import { afterEach, expect, test } from 'vitest';
import { encodeDataSet } from '../data-set/dataset.ts';
import { type CommandSet, encodeCommandSet } from '../message/command-set.ts';
import { MessageExchange } from '../message/message.ts';
import { cEcho, cStore } from '../message/operations.ts';
import { Status } from '../message/status.ts';
import { SopClass, TransferSyntax } from '../registry/uids.generated.ts';
import { storage } from '../services/storage.ts';
import { serve } from './service-class.ts';
import { Session } from './session.ts';
import { verification } from './verification.ts';

const ECHO = 1;
const STORE = 3;
const EXPLICIT = TransferSyntax.ExplicitVRLittleEndian;
const turn = () => new Promise<void>((resolve) => setImmediate(resolve));

const open = new Set<Association>();
afterEach(() => {
  for (const association of open) association.abort();
  open.clear();
});

async function pair() {
  const [requestor, acceptor] = await associatedPair({
    request: {
      contexts: [SopClass.Verification, SopClass.CTImageStorage].map((abstractSyntax) => ({
        abstractSyntax,
        transferSyntaxes: [EXPLICIT],
      })),
    },
    decide: () => accept({ supports: () => ({ transferSyntaxes: 'any' }) }),
  });
  open.add(requestor).add(acceptor);
  return { requestor, acceptor };
}

function echo(messageId: number): CommandSet {
  const { commandField } = cEcho;
  return { affectedSopClassUid: SopClass.Verification, commandField, messageId, hasDataSet: false };
}

test('wait until the caller has the session', async () => {
  const { requestor, acceptor } = await pair();
  await requestor.send(ECHO, { command: encodeCommandSet(echo(1)) });
  while (!acceptor.receivedValue(0)) await turn();
  const seen: unknown[] = [];
  const handler = (_: unknown, context: { session: object }) => {
    seen.push(context.session === session, session.ended instanceof Promise);
    return Status.Success;
  };
  const session: Session = new Session(acceptor, [serve(verification, { echo: handler })]);
  session.on('message', (direction) => seen.push(direction));
  await new MessageExchange(requestor).next();
  expect(seen).toEqual(['received', true, true, 'sent']);
});

test('let others have their turn, however many there are', async () => {
  const { requestor, acceptor } = await pair();
  const count = 1000;
  let inThisTurn = 0;
  let most = 0;
  let performed = 0;
  const session = new Session(acceptor, [
    serve(verification, {
      echo: () => {
        performed++;
        most = Math.max(most, ++inThisTurn);
        return Status.Success;
      },
    }),
  ]);
  const requests = Array.from({ length: count }, (_, index) => pDataPdu(encodeCommandSet(echo(index + 1)), 3, ECHO));
  const answers = new MessageExchange(requestor);
  const answered = (async () => {
    const ids: unknown[] = [];
    while (ids.length < count) ids.push((await answers.next())?.command.messageIdBeingRespondedTo);
    return ids;
  })();
  await requestor.connection.sendRaw(Buffer.concat(requests), { unsafe: true });
  while (performed < count && session.association.isEstablished) {
    inThisTurn = 0;
    await turn();
  }
  expect(await answered).toEqual(Array.from({ length: count }, (_, index) => index + 1));
  expect(most).toBeLessThanOrEqual(64);
});

test('fail with the end of the association if a listener ends it while their data are taken', async () => {
  const { requestor, acceptor } = await pair();
  const errors: unknown[] = [];
  const reason = new Error('enough');
  const store = ({ data }: { data: { atHand?(): unknown } }) => {
    data.atHand?.();
    return Status.Success;
  };
  const { commandField } = cStore;
  const [affectedSopClassUid, affectedSopInstanceUid] = [SopClass.CTImageStorage, '1.2.3'];
  const command = encodeCommandSet({
    ...{ affectedSopClassUid, affectedSopInstanceUid, commandField, messageId: 1, priority: 0, hasDataSet: true },
  });
  const data = encodeDataSet({ PatientID: 'X' }, EXPLICIT);
  const parts = [
    pDataPdu(command, 3, STORE),
    pDataPdu(data.subarray(0, 4), 0, STORE),
    pDataPdu(data.subarray(4), 2, STORE),
  ];
  await requestor.connection.sendRaw(Buffer.concat(parts), { unsafe: true });
  while (!acceptor.receivedValue(2)) await turn();
  const session = new Session(acceptor, [serve(storage, { store })]);
  session.on('data', () => session.abort(reason));
  session.on('handlerError', (error) => errors.push(error));
  await session.ended;
  await turn();
  expect(errors).toMatchObject([{ name: 'AssociationAbortedError', cause: reason }]);
});

test('are answered together if they are performed in one turn', async () => {
  const { requestor, acceptor } = await pair();
  const count = 20;
  let calls = 0;
  acceptor.connection.on('written', () => calls++);
  new Session(acceptor, [serve(verification, { echo: () => Status.Success })]);
  const requests = Array.from({ length: count }, (_, index) => pDataPdu(encodeCommandSet(echo(index + 1)), 3, ECHO));
  await requestor.connection.sendRaw(Buffer.concat(requests), { unsafe: true });
  const answers = new MessageExchange(requestor);
  for (let id = 1; id <= count; id++) expect((await answers.next())?.command.messageIdBeingRespondedTo).toBe(id);
  // The first one is waited for.
  expect(calls).toBeLessThanOrEqual(2);
});

test('are answered before the association is aborted by a handler', async () => {
  const { requestor, acceptor } = await pair();
  const session = new Session(acceptor, [
    serve(verification, {
      echo: (_, { messageId }) => {
        if (messageId === 4) session.abort();
        return Status.Success;
      },
    }),
  ]);
  const requests = [1, 2, 3, 4, 5].map((id) => pDataPdu(encodeCommandSet(echo(id)), 3, ECHO));
  const types: string[] = [];
  requestor.connection.on('pdu', (direction, { type }) => direction === 'received' && types.push(type));
  await requestor.connection.sendRaw(Buffer.concat(requests), { unsafe: true });
  await requestor.closed;
  expect(types).toEqual(['P-DATA-TF', 'P-DATA-TF', 'P-DATA-TF', 'A-ABORT']);
});
