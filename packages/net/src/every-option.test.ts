// Every public function that takes options refuses unknown ones, in plain JavaScript too.

import { PassThrough } from 'node:stream';
import { optionParameters } from '@x/testing/option-parameters';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ConversationCapture, createCapture } from './capture.ts';
import * as net from './index.ts';
import { associatedPair, startFaultProxy } from './testing.ts';

type Options = never;
let association: net.Association;
const pool = net.createAssociationPool({ open: async () => association });
const listening = {
  decide: () => net.accept({ supports: () => undefined }),
  serve: async () => {},
};

beforeAll(async () => {
  [association] = await associatedPair();
});
afterAll(async () => {
  await pool.close();
  association.abort();
});

const CALLS: Readonly<Record<string, (options: Options) => unknown>> = {
  'accept(acceptance)': net.accept,
  'acceptAssociation(options)': (options) => net.acceptAssociation(new PassThrough(), options),
  'associatedPair(options)': associatedPair,
  'Association#claim(user)': (options) => association.claim(options),
  'Association#release(options)': (options) => association.release(options),
  'Association#send(options)': (options) => association.send(1, { command: new Uint8Array(0) }, options),
  'createAssociationPool(options)': net.createAssociationPool,
  'createCapture(options)': (options) => createCapture('/dev/null', options),
  'decideBy(rules)': net.decideBy,
  'encodeQueryOptions(options)': net.encodeQueryOptions,
  'encodeRetrieveOptions(options)': net.encodeRetrieveOptions,
  'encodeStorageOptions(options)': net.encodeStorageOptions,
  'encodeWorklistOptions(options)': net.encodeWorklistOptions,
  'jsonWebTokenIdentity(options)': (options) => net.jsonWebTokenIdentity('', options),
  'kerberosIdentity(options)': (options) => net.kerberosIdentity(new Uint8Array(0), options),
  'Lease#release(options)': async (options) => (await pool.acquire({} as never)).release(options),
  'limitIdentityChecks(limits)': (options) => net.limitIdentityChecks(() => true, options),
  'listen(address)': (options) => net.listen(options, listening),
  'listen(options)': (options) => net.listen({ port: 0 }, options),
  'Listener#close(options)': (options) => new net.Listener(listening).close(options),
  'Listener#open(address)': (options) => new net.Listener(listening).open(options),
  'Listener#reload(tls)': (options) => new net.Listener(listening).reload(options),
  'new Association(options)': (options) =>
    new net.Association(association.connection, association.request, association.accept, options),
  'new ConversationCapture(options)': (options) => new ConversationCapture(new PassThrough(), options),
  'new Listener(options)': (options) => new net.Listener(options),
  'new UpperLayerConnection(options)': (options) =>
    new net.UpperLayerConnection(new PassThrough(), 'requestor', options),
  'openTransport(address)': (options) => net.openTransport(options, net.DEFAULT_TIMEOUTS),
  'passcodeIdentity(options)': (options) => net.passcodeIdentity('', '', options),
  'Pool#acquire(options)': (options) => pool.acquire({} as never, options),
  'Pool#close(options)': (options) => pool.close(options),
  'reject(rejection)': net.reject,
  'renderPdu(options)': (options) => net.renderPdu(association.request, options),
  'requestAssociation(options)': net.requestAssociation,
  'samlIdentity(options)': (options) => net.samlIdentity('', options),
  'startFaultProxy(options)': startFaultProxy,
  'UpperLayerConnection#abort(options)': (options) => association.connection.abort(options),
  'usernameIdentity(options)': (options) => net.usernameIdentity('', options),
  'withRetry(policy)': (options) => net.withRetry(async () => {}, options),
};

/** PDUs and messages. */
const NOT_OPTIONS = [
  'Association#send(message)',
  'Association#sendAtOnce(message)',
  'encodePdu(pdu)',
  'maskedPdu(pdu)',
  'new Association(accept)',
  'new Association(request)',
  // `open` checks it: `requestAssociation`, unless the pool has another.
  'Pool#acquire(request)',
  'renderPdu(pdu)',
  'summarizePdu(pdu)',
  'UpperLayerConnection#send(pdu)',
];

test('every parameter that takes options is listed here', () => {
  const found = optionParameters(new URL('..', import.meta.url));
  expect(found).toEqual([...Object.keys(CALLS), ...NOT_OPTIONS].sort());
});

test.each(Object.entries(CALLS))('%s refuses an unknown option', async (_, call) => {
  const error = { name: 'OptionError', code: 'OPTION_UNKNOWN', option: 'thisOptionDoesNotExist' };
  await expect((async () => call({ thisOptionDoesNotExist: 1 } as never))()).rejects.toMatchObject(error);
});
