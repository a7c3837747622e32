import {
  answerFlags,
  decodeQueryOptions,
  encodeQueryOptions,
  readUserIdentity,
  requestAssociation,
  usernameIdentity,
} from '@x/net';
import { expect, test } from 'vitest';
import { createScp, verification } from '../index.ts';
import { SopClass, TransferSyntax } from '../registry/uids.generated.ts';

const VERIFICATION = SopClass.Verification;
const STORAGE_SERVICE = '1.2.840.10008.4.2';

test('an SCP verifies identities, answers extended negotiation and accepts related SOP classes', async () => {
  const isJane = (bytes: Uint8Array) => new TextDecoder().decode(bytes) === 'jane';
  await using scp = createScp({
    aeTitle: 'SCP',
    services: [{ serviceClass: verification, handlers: {} }],
    verifyIdentity: async (identity) => {
      const read = identity && readUserIdentity(identity);
      return read?.kind === 'username' && isJane(read.username);
    },
    supportsRelated: ({ serviceClassUid }) =>
      serviceClassUid === STORAGE_SERVICE ? { transferSyntaxes: 'any' } : undefined,
    extendedNegotiation: ({ applicationInformation }) =>
      answerFlags(applicationInformation, encodeQueryOptions({ fuzzy: true })),
  });
  const { port } = await scp.listen({ port: 0, host: '127.0.0.1' });
  const options = {
    host: '127.0.0.1',
    port,
    callingAeTitle: 'SCU',
    calledAeTitle: 'SCP',
    contexts: [VERIFICATION, '1.2.3'].map((abstractSyntax) => ({
      abstractSyntax,
      transferSyntaxes: [TransferSyntax.ImplicitVRLittleEndian],
    })),
    commonExtendedNegotiations: [
      { version: 0, sopClassUid: '1.2.3', serviceClassUid: STORAGE_SERVICE, relatedGeneralSopClassUids: [] },
    ],
    extendedNegotiations: [
      { sopClassUid: VERIFICATION, applicationInformation: encodeQueryOptions({ relational: true, fuzzy: true }) },
    ],
  };
  const userIdentity = usernameIdentity('jane', { requestResponse: true });
  await using association = await requestAssociation({ ...options, userIdentity });
  expect([association.contexts.size, association.userIdentity?.outcome]).toEqual([2, 'confirmed']);
  const { accepted = new Uint8Array(0) } = association.extendedNegotiations.get(VERIFICATION) ?? {};
  expect(decodeQueryOptions(accepted)).toMatchObject({ relational: false, fuzzy: true });
  await expect(requestAssociation(options)).rejects.toMatchObject({ result: 1, source: 2, reason: 1 });
});
