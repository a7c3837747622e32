import { vectors } from '@x/testing/pdu-vectors';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  type AssociateAccept,
  type AssociateRequest,
  associateRequest,
  encodePdu,
  type Pdu,
  PduDecoder,
  PduError,
  renderPdu,
  summarizePdu,
} from './index.ts';
import { concatenate } from './items.ts';

const byte = fc.integer({ min: 0, max: 255 });
const uint16 = fc.integer({ min: 0, max: 65535 });
const bytes = fc.uint8Array({ maxLength: 40 });
const uid = fc
  .array(fc.integer({ min: 0, max: 99999 }), { minLength: 1, maxLength: 10 })
  .map((numbers) => numbers.join('.'));
const aeTitle = fc
  .string({ unit: fc.constantFrom(...'ABCxyz019 _-.'), minLength: 1, maxLength: 16 })
  .map((text) => text.trim())
  .filter((text) => text !== '');
const maybe = <T>(key: string, value: fc.Arbitrary<T>) =>
  fc.option(value, { nil: undefined }).map((v) => (v === undefined ? {} : { [key]: v }));
const some = <T>(value: fc.Arbitrary<T>) => fc.array(value, { minLength: 1, maxLength: 4 });
const unknown = (least: number) => some(fc.record({ type: fc.integer({ min: least, max: 255 }), data: bytes }));

const userInformation = fc
  .tuple(
    maybe('maximumLength', fc.integer({ min: 0, max: 0xffffffff })),
    maybe('implementationClassUid', uid),
    maybe('asynchronousOperationsWindow', fc.record({ maximumInvoked: uint16, maximumPerformed: uint16 })),
    maybe('roleSelections', some(fc.record({ sopClassUid: uid, scuRole: fc.boolean(), scpRole: fc.boolean() }))),
    maybe('implementationVersionName', aeTitle),
    maybe('extendedNegotiations', some(fc.record({ sopClassUid: uid, applicationInformation: bytes }))),
    maybe(
      'commonExtendedNegotiations',
      some(
        fc.record({
          version: byte,
          sopClassUid: uid,
          serviceClassUid: uid,
          relatedGeneralSopClassUids: fc.array(uid, { maxLength: 3 }),
        }),
      ),
    ),
    maybe(
      'userIdentity',
      fc.record({
        identityType: byte,
        positiveResponseRequested: fc.boolean(),
        primaryField: bytes,
        secondaryField: bytes,
      }),
    ),
    maybe('userIdentityResponse', fc.record({ serverResponse: bytes })),
    maybe('unknownItems', unknown(0x5a)),
  )
  .map((parts) => Object.assign({}, ...parts));

const header = {
  protocolVersion: uint16,
  calledAeTitle: aeTitle,
  callingAeTitle: aeTitle,
  applicationContextName: uid,
  userInformation,
};
const request = fc.record({
  type: fc.constant('A-ASSOCIATE-RQ' as const),
  ...header,
  presentationContexts: fc.array(
    fc.record({ id: byte, abstractSyntax: uid, transferSyntaxes: fc.array(uid, { maxLength: 5 }) }),
    { maxLength: 8 },
  ),
}) as fc.Arbitrary<AssociateRequest>;
const accept = fc.record({
  type: fc.constant('A-ASSOCIATE-AC' as const),
  ...header,
  presentationContexts: fc.array(fc.record({ id: byte, result: byte, transferSyntax: uid }), { maxLength: 8 }),
}) as fc.Arbitrary<AssociateAccept>;
const value = fc.record({
  contextId: byte,
  kind: fc.constantFrom('command' as const, 'data' as const),
  last: fc.boolean(),
  fragments: fc.uint8Array({ minLength: 1, maxLength: 50 }).map((fragment) => [fragment]),
});
const pdu: fc.Arbitrary<Pdu> = fc.oneof(
  request,
  accept,
  fc.record({ type: fc.constant('A-ASSOCIATE-RJ' as const), result: byte, source: byte, reason: byte }),
  fc.record({ type: fc.constant('P-DATA-TF' as const), values: some(value) }),
  fc.record({ type: fc.constantFrom('A-RELEASE-RQ' as const, 'A-RELEASE-RP' as const) }),
  fc.record({ type: fc.constant('A-ABORT' as const), source: byte, reason: byte }),
);

const bare = associateRequest('CALLED', 'CALLING', []);
/** Errors are PduErrors, and bounded: they end up in logs. */
function expectShort(error: unknown): void {
  if (!(error instanceof PduError)) throw error;
  expect(error.message.length).toBeLessThan(500);
}
const decodeAll = (stream: Uint8Array) => [...new PduDecoder({ maxLength: 1 << 20 }).push(stream)];

test('decodes every encoded PDU to an equal value', () => {
  fc.assert(
    fc.property(pdu, (original) => {
      expect(decodeAll(concatenate(encodePdu(original)))).toEqual([original]);
    }),
    { numRuns: 1000 },
  );
});

test('writes the AE titles of a request as they were received', () => {
  const title = fc.uint8Array({ minLength: 16, maxLength: 16 });
  fc.assert(
    fc.property(title, title, (called, calling) => {
      const bytes = concatenate(encodePdu(bare));
      bytes.set(called, 6 + 4);
      bytes.set(calling, 6 + 20);
      const [decoded] = decodeAll(bytes);
      const written = concatenate(encodePdu(decoded as Pdu));
      for (const [at, field] of [
        [6 + 4, called],
        [6 + 20, calling],
      ] as const) {
        const text = (raw: Uint8Array) =>
          Buffer.from(raw)
            .toString('latin1')
            .replace(/^[ \0]+|[ \0]+$/g, '');
        expect(text(written.subarray(at, at + 16))).toBe(text(field));
      }
      expect(decodeAll(written)).toEqual([decoded]);
    }),
    { numRuns: 2000 },
  );
});

test('renders every PDU without control characters', () => {
  fc.assert(
    fc.property(pdu, (original) => {
      const isControl = (character: string) => character < ' ' && character !== '\n';
      expect([...renderPdu(original)].filter(isControl)).toEqual([]);
      expect(summarizePdu(original)).not.toContain('\n');
    }),
  );
});

test('decodes mutated bytes to PDUs that can be encoded, or throws PduError', () => {
  const stream = concatenate(vectors.map(({ bytes: vector }) => vector));
  const mutation = fc.record({ at: fc.nat(stream.length - 1), to: byte });
  fc.assert(
    fc.property(fc.array(mutation, { minLength: 1, maxLength: 6 }), (mutations) => {
      const mutated = stream.slice();
      for (const { at, to } of mutations) mutated[at] = to;
      const decoder = new PduDecoder({ maxLength: 65536 });
      try {
        for (const decoded of decoder.push(mutated)) {
          renderPdu(decoded);
          // A PDU that was read leniently may be rejected when it is written, also with PduError.
          const [again] = decodeAll(concatenate(encodePdu(decoded)));
          expect(again?.type).toBe(decoded.type);
        }
      } catch (error) {
        expectShort(error);
      }
    }),
    { numRuns: 5000 },
  );
});

test('decodes random bytes to PDUs, or throws PduError', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 7 }), fc.uint8Array({ maxLength: 300 }), (type, body) => {
      const head = Uint8Array.of(type, 0, 0, 0, body.length >>> 8, body.length & 0xff);
      try {
        decodeAll(concatenate([head, body]));
      } catch (error) {
        expectShort(error);
      }
    }),
    { numRuns: 5000 },
  );
});
