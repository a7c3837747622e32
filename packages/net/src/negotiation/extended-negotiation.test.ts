import { expect, test } from 'vitest';
import { accept } from '../association/accept.ts';
import { associatedPair } from '../association/pair.ts';
import {
  answerFlags,
  decodeQueryOptions,
  decodeRetrieveOptions,
  decodeStorageOptions,
  decodeWorklistOptions,
  encodeQueryOptions,
  encodeRetrieveOptions,
  encodeStorageOptions,
  encodeWorklistOptions,
} from './extended-negotiation.ts';

const [FIND, MOVE] = ['1.2.840.10008.5.1.4.1.2.2.1', '1.2.840.10008.5.1.4.1.2.2.2'];
const IMPLICIT = '1.2.840.10008.1.2';
const NO_QUERY_OPTIONS = {
  relational: false,
  combinedDateTime: false,
  fuzzy: false,
  timezone: false,
  enhancedMultiFrame: false,
  emptyValue: false,
  multipleValue: false,
};

test.each([
  [{}, [0, 0, 0]],
  [{ relational: true }, [1, 0, 0]],
  [{ combinedDateTime: true }, [0, 1, 0]],
  [{ fuzzy: true }, [0, 0, 1]],
  [{ timezone: true }, [0, 0, 0, 1]],
  [{ enhancedMultiFrame: true }, [0, 0, 0, 0, 1]],
  [{ emptyValue: true }, [0, 0, 0, 0, 0, 1]],
  [{ multipleValue: true }, [0, 0, 0, 0, 0, 0, 1]],
])('query options %j are bytes %j, and back', (options, bytes) => {
  expect([...encodeQueryOptions(options)]).toEqual(bytes);
  expect(decodeQueryOptions(Uint8Array.from(bytes))).toEqual({ ...NO_QUERY_OPTIONS, ...options });
});

test.each([
  [{}, [0]],
  [{ relational: true }, [1]],
  [{ enhancedMultiFrame: true }, [0, 1]],
])('retrieve options %j are bytes %j, and back', (options, bytes) => {
  expect([...encodeRetrieveOptions(options)]).toEqual(bytes);
  expect(decodeRetrieveOptions(Uint8Array.from(bytes))).toMatchObject(options);
});

test.each([
  [{}, [1, 1, 0]],
  [{ fuzzy: true }, [1, 1, 1]],
  [{ timezone: true }, [1, 1, 0, 1]],
])('worklist options %j are bytes %j, and back', (options, bytes) => {
  expect([...encodeWorklistOptions(options)]).toEqual(bytes);
  expect(decodeWorklistOptions(Uint8Array.from(bytes))).toEqual({ fuzzy: false, timezone: false, ...options });
});

test('encodes storage options in six bytes, and reads values out of range as unknown', () => {
  const options = { levelOfSupport: 2, digitalSignatureSupport: 3, elementCoercion: 1 } as const;
  expect([...encodeStorageOptions(options)]).toEqual([2, 0, 3, 0, 1, 0]);
  expect(decodeStorageOptions(encodeStorageOptions(options))).toEqual(options);
  const unknown = { levelOfSupport: 3, digitalSignatureSupport: 0, elementCoercion: 2 };
  expect(decodeStorageOptions(Uint8Array.of(9, 0, 9, 0, 9, 0))).toEqual(unknown);
  expect(decodeStorageOptions(new Uint8Array(0))).toEqual(unknown);
});

test('answers with the supported flags, in the length of the proposal', () => {
  expect([...answerFlags(Uint8Array.of(1, 0, 1), Uint8Array.of(1, 1, 0, 1, 1, 1, 1))]).toEqual([1, 0, 0]);
  expect([...answerFlags(Uint8Array.of(1, 1, 1, 1), Uint8Array.of(1))]).toEqual([1, 0, 0, 0]);
});

test('answers each SOP class by the policy, visible on both sides', async () => {
  const context = (abstractSyntax: string) => ({ abstractSyntax, transferSyntaxes: [IMPLICIT] });
  const proposal = encodeQueryOptions({ relational: true, fuzzy: true });
  const [requestor, acceptor] = await associatedPair({
    request: {
      contexts: [FIND, MOVE, '1.2.3'].map(context),
      extendedNegotiations: [FIND, MOVE, '1.2.3', FIND, '1.2.9'].map((sopClassUid) => ({
        sopClassUid,
        applicationInformation: proposal,
      })),
    },
    decide: () =>
      accept({
        supports: (uid) => (uid === '1.2.3' ? undefined : { transferSyntaxes: 'any' }),
        extendedNegotiation: ({ sopClassUid, applicationInformation }) =>
          sopClassUid === MOVE ? undefined : answerFlags(applicationInformation, encodeQueryOptions({ fuzzy: true })),
      }),
  });
  // One answer: not for MOVE, whose policy gives none, nor for what was refused, not proposed, or repeated.
  expect(requestor.accept.userInformation.extendedNegotiations).toHaveLength(1);
  for (const { extendedNegotiations } of [requestor, acceptor]) {
    const { proposed = [], accepted = [] } = extendedNegotiations.get(FIND) ?? {};
    expect([[...proposed], [...accepted]]).toEqual([
      [1, 0, 1],
      [0, 0, 1],
    ]);
    expect(extendedNegotiations.get(MOVE)).not.toHaveProperty('accepted');
    expect([...extendedNegotiations.keys()]).toEqual([FIND, MOVE, '1.2.3', '1.2.9']);
  }
  await requestor.release();
});

test('accepts an unknown SOP class by its common extended negotiation, without an answer', async () => {
  const storage = '1.2.840.10008.4.2';
  const enhancedReport = '1.2.840.10008.5.1.4.1.1.88.22';
  const common = (sopClassUid: string, serviceClassUid: string, related: readonly string[] = []) => ({
    version: 0,
    sopClassUid,
    serviceClassUid,
    relatedGeneralSopClassUids: related,
  });
  const [requestor] = await associatedPair({
    request: {
      contexts: ['1.2.3', '1.2.4', '1.2.5', '1.2.6'].map((abstractSyntax) => ({
        abstractSyntax,
        transferSyntaxes: [IMPLICIT],
      })),
      commonExtendedNegotiations: [
        common('1.2.3', storage),
        common('1.2.4', '1.2.999'),
        common('1.2.6', '1.2.999', ['1.2.7', enhancedReport]),
      ],
    },
    decide: () =>
      accept({
        supports: () => undefined,
        supportsRelated: ({ serviceClassUid, relatedGeneralSopClassUids }) =>
          serviceClassUid === storage || relatedGeneralSopClassUids.includes(enhancedReport)
            ? { transferSyntaxes: [IMPLICIT] }
            : undefined,
      }),
  });
  expect([...requestor.contexts.values()].map(({ abstractSyntax }) => abstractSyntax)).toEqual(['1.2.3', '1.2.6']);
  expect(requestor.refusedContexts.map(({ result }) => result)).toEqual([3, 3]);
  expect(requestor.accept.userInformation.commonExtendedNegotiations).toBeUndefined();
  await requestor.release();
});
