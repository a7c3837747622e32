import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { associatedPair } from '@x/net';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { SopClass, TransferSyntax } from '../registry/uids.generated.ts';
import { studyRoot } from '../services/query-retrieve.ts';
import { serve } from '../session/service-class.ts';
import { Session } from '../session/session.ts';
import { verification } from '../session/verification.ts';
import { OPERATION_END, OPERATION_START, type OperationEnd } from './diagnostics.ts';
import { Status } from './status.ts';

let seen: string[];
const note = (message: unknown, name: string | symbol) => {
  const { as, message: request, messageId, status } = message as OperationEnd;
  seen.push(`${String(name).replace('dicom.operation.', '')} ${as} ${request} ${messageId} ${status ?? ''}`.trim());
};
beforeEach(() => {
  seen = [];
  subscribe(OPERATION_START, note);
  subscribe(OPERATION_END, note);
});
afterEach(() => {
  unsubscribe(OPERATION_START, note);
  unsubscribe(OPERATION_END, note);
});

async function sessions() {
  const [requestor, acceptor] = await associatedPair({
    request: {
      contexts: [SopClass.Verification, studyRoot.sopClasses.Find.uid].map((abstractSyntax) => ({
        abstractSyntax,
        transferSyntaxes: [TransferSyntax.ImplicitVRLittleEndian],
      })),
    },
  });
  const scp = new Session(acceptor, [
    serve(verification, { echo: () => Status.Success }),
    serve(studyRoot, {
      async *rawFind() {
        yield { identifier: {} };
        await new Promise(() => {});
      },
    }),
  ]);
  return { scu: new Session(requestor), scp };
}

test('publishes operations on both sides, from request to final response', async () => {
  const { scu } = await sessions();
  await scu.use(verification).echo();
  expect(seen).toEqual([
    'start invoked C-ECHO-RQ 1',
    'start performed C-ECHO-RQ 1',
    'end performed C-ECHO-RQ 1 0',
    'end invoked C-ECHO-RQ 1 0',
  ]);
  await scu.release();
});

test('publishes the end of operations that the association cuts short', async () => {
  const { scu, scp } = await sessions();
  const find = scu.use(studyRoot).find({ identifier: {} });
  find.final.catch(() => {});
  for await (const _ of find) break;
  scu.abort();
  await Promise.all([scu.ended, scp.ended]);
  expect(seen).toEqual([
    'start invoked C-FIND-RQ 1',
    'start performed C-FIND-RQ 1',
    'end invoked C-FIND-RQ 1',
    'end performed C-FIND-RQ 1',
  ]);
});
