import { InterruptedError, UsageError } from '@x/cli/program';
import { DimseError, NotDicomError, RequestError } from '@x/dimse';
import {
  AssociationAbortedError,
  AssociationRejectedError,
  ConnectionLostError,
  NotConnectedError,
  TimeoutError,
} from '@x/net';
import { expect, test } from 'vitest';
import { explainError } from './explain-error.ts';

const peer = { aeTitle: 'ARCHIVE', host: '10.0.0.5', port: 104 };
const rejected = (result: number, source: number, reason: number) =>
  new AssociationRejectedError('ARCHIVE@10.0.0.5:104', { result, source, reason });

test.each<[Error, number, string | RegExp]>([
  [
    rejected(1, 1, 3),
    3,
    "ARCHIVE@10.0.0.5:104 rejected the association: calling AE title not recognized (permanent, by the service user). It knows you as 'ME': use --calling, or ask its administrator.",
  ],
  [rejected(1, 1, 7), 3, /called AE title not recognized.*Put its AE title before the @/],
  [
    rejected(2, 3, 2),
    3,
    /local limit exceeded \(transient, by the service provider \(presentation\)\)\. Try again later\.$/,
  ],
  [
    rejected(1, 2, 1),
    3,
    /service provider \(ACSE\)\)\. It may need a user identity, or not accept the one it got: see --user\.$/,
  ],
  [rejected(1, 2, 2), 3, /protocol version not supported.*Ask its administrator/],
  [
    new AssociationAbortedError('A@h:1', { source: 2, reason: 2, by: 'peer' }),
    3,
    'A@h:1 aborted the association: unexpected PDU (by the service provider). Its log may say why.',
  ],
  [new NotConnectedError('no connection to h:1: connection refused'), 3, /Check the host, the port/],
  [
    new ConnectionLostError('A@h:1 closed the connection in Sta5', 'Sta5'),
    3,
    /may not accept our AE title or address, or may not speak DICOM/,
  ],
  [new NotDicomError('a/b.txt', 'it is empty'), 2, 'a/b.txt is not a DICOM file: it is empty'],
  [new TimeoutError('connect', 10, 'h:1 did not accept the connection'), 3, /--connect-timeout/],
  [new TimeoutError('association', 10, 'h:1 did not answer'), 3, /Wait longer with --timeout/],
  [
    new DimseError(0xa700, { errorComment: 'disk\nfull' }),
    1,
    'ARCHIVE@10.0.0.5:104 answered: out of resources (A700H): "disk\\nfull"',
  ],
  [new RequestError('C-STORE', 1, 'send', new DimseError(0x0110)), 1, /processing failure/],
  [new UsageError('wrong'), 2, 'wrong'],
  [new InterruptedError(), 130, 'interrupted'],
  [Object.assign(new Error('ENOENT: x'), { code: 'ENOENT', path: '/x' }), 2, '/x: file or folder does not exist'],
])('explains %s', (error, exitCode, line) => {
  const explanation = explainError(error, peer, 'ME');
  expect(explanation.exitCode).toBe(exitCode);
  if (typeof line === 'string') expect(explanation.line).toBe(line);
  else expect(explanation.line).toMatch(line);
  expect(explanation.line).not.toContain('\n');
});
