// PDUs as bytes and as values: written by hand from PS3.8 §9.3, or recorded from DCMTK 3.6.7.

/** A PDU in both forms. `Pdu` is the type of @x/pdu, which this package does not import. */
export interface Vector<Pdu> {
  readonly name: string;
  readonly bytes: Uint8Array;
  readonly pdu: Pdu;
}

const ascii = (text: string) => Uint8Array.from(text, (character) => character.charCodeAt(0));
const hex = (text: string) =>
  Uint8Array.from(text.replace(/\s/g, '').match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
const hexOf = (text: string) => [...ascii(text)].map((byte) => byte.toString(16).padStart(2, '0')).join('');

const VERIFICATION = '1.2.840.10008.1.1';
const IMPLICIT = '1.2.840.10008.1.2';
const DCMTK = { implementationClassUid: '1.2.276.0.7230010.3.0.3.6.7', implementationVersionName: 'OFFIS_DCMTK_367' };

// Both AE titles, padded to 16 bytes, and 32 reserved bytes.
const titles = (called: string, calling: string) => hexOf(called.padEnd(16) + calling.padEnd(16)) + '00'.repeat(32);
const item = (type: string, body: string) =>
  `${type}00${(body.replace(/\s/g, '').length / 2).toString(16).padStart(4, '0')}${body}`;
const pdu = (type: string, body: string) =>
  `${type}00${(body.replace(/\s/g, '').length / 2).toString(16).padStart(8, '0')}${body}`;
const sized = (body: string) => `${(body.length / 2).toString(16).padStart(4, '0')}${body}`;

const applicationContext = item('10', hexOf('1.2.840.10008.3.1.1.1'));
const CT = '1.2.840.10008.5.1.4.1.1.2';
const STUDY_ROOT_FIND = '1.2.840.10008.5.1.4.1.2.2.1';

export const vectors = [
  {
    // DCMTK writes FFH into a reserved byte of the context; it is written as 00H here.
    name: 'A-ASSOCIATE-RQ of echoscu',
    bytes: hex(`0100000000cd00010000415243484956452020202020202020204d4f44414c4954592020202020202020${'00'.repeat(32)}
      10000015312e322e3834302e31303030382e332e312e312e31 2000002e01000000 30000011312e322e3834302e31303030382e312e31
      40000011312e322e3834302e31303030382e312e32 5000003a 5100000400004000
      5200001b312e322e3237362e302e373233303031302e332e302e332e362e37 5500000f4f464649535f44434d544b5f333637`),
    pdu: {
      type: 'A-ASSOCIATE-RQ',
      protocolVersion: 1,
      calledAeTitle: 'ARCHIVE',
      callingAeTitle: 'MODALITY',
      applicationContextName: '1.2.840.10008.3.1.1.1',
      presentationContexts: [{ id: 1, abstractSyntax: VERIFICATION, transferSyntaxes: [IMPLICIT] }],
      userInformation: { maximumLength: 16384, ...DCMTK },
    },
  },
  {
    name: 'A-ASSOCIATE-AC of storescp, one context accepted, one refused',
    bytes: hex(`0200000000d500010000${titles('B', 'A')}
      10000015312e322e3834302e31303030382e332e312e312e31 210000190100000040000011312e322e3834302e31303030382e312e32
      210000190300030040000011312e322e3834302e31303030382e312e32 5000003a 5100000400004000
      5200001b312e322e3237362e302e373233303031302e332e302e332e362e37 5500000f4f464649535f44434d544b5f333637`),
    pdu: {
      type: 'A-ASSOCIATE-AC',
      protocolVersion: 1,
      calledAeTitle: 'B',
      callingAeTitle: 'A',
      applicationContextName: '1.2.840.10008.3.1.1.1',
      presentationContexts: [
        { id: 1, result: 0, transferSyntax: IMPLICIT },
        { id: 3, result: 3, transferSyntax: IMPLICIT },
      ],
      userInformation: { maximumLength: 16384, ...DCMTK },
    },
  },
  {
    name: 'A-ASSOCIATE-RQ with every user information sub-item, an unknown one (5AH) and an unknown item (77H) among them',
    bytes: hex(
      pdu(
        '01',
        `00010000${titles('ANY-SCP', 'ECHOSCU')}${applicationContext}
         ${item('20', `05000000${item('30', hexOf(CT))}${item('40', hexOf('1.2.840.10008.1.2.1'))}${item('40', hexOf(IMPLICIT))}`)}
         ${item('77', 'cafe')}
         ${item(
           '50',
           `${item('51', '00000000')}${item('52', hexOf('1.2.3'))}${item('53', '00080010')}
            ${item('54', `${sized(hexOf(CT))}0101`)}${item('5a', '0badf00d')}${item('55', hexOf('X'))}
            ${item('56', `${sized(hexOf(STUDY_ROOT_FIND))}010100`)}
            ${item('57', `${sized(hexOf(CT))}${sized(hexOf('1.2.840.10008.4.2'))}${sized(sized(hexOf('1.2.3.4')) + sized(hexOf('1.2.3.5')))}`)}
            ${item('58', `0201${sized(hexOf('user'))}${sized('00ff20')}`)}`.replace(/\s/g, ''),
         )}`.replace(/\s/g, ''),
      ),
    ),
    pdu: {
      type: 'A-ASSOCIATE-RQ',
      protocolVersion: 1,
      calledAeTitle: 'ANY-SCP',
      callingAeTitle: 'ECHOSCU',
      applicationContextName: '1.2.840.10008.3.1.1.1',
      presentationContexts: [{ id: 5, abstractSyntax: CT, transferSyntaxes: ['1.2.840.10008.1.2.1', IMPLICIT] }],
      userInformation: {
        maximumLength: 0,
        implementationClassUid: '1.2.3',
        asynchronousOperationsWindow: { maximumInvoked: 8, maximumPerformed: 16 },
        roleSelections: [{ sopClassUid: CT, scuRole: true, scpRole: true }],
        implementationVersionName: 'X',
        extendedNegotiations: [{ sopClassUid: STUDY_ROOT_FIND, applicationInformation: Uint8Array.of(1, 1, 0) }],
        commonExtendedNegotiations: [
          {
            version: 0,
            sopClassUid: CT,
            serviceClassUid: '1.2.840.10008.4.2',
            relatedGeneralSopClassUids: ['1.2.3.4', '1.2.3.5'],
          },
        ],
        userIdentity: {
          identityType: 2,
          positiveResponseRequested: true,
          primaryField: ascii('user'),
          secondaryField: Uint8Array.of(0, 0xff, 0x20),
        },
        unknownItems: [{ type: 0x5a, data: Uint8Array.of(0x0b, 0xad, 0xf0, 0x0d) }],
        itemOrder: [0x51, 0x52, 0x53, 0x54, 0x5a, 0x55, 0x56, 0x57, 0x58],
      },
      unknownItems: [{ type: 0x77, data: Uint8Array.of(0xca, 0xfe) }],
      itemOrder: [0x10, 0x20, 0x77, 0x50],
    },
  },
  {
    name: 'A-ASSOCIATE-AC with an identity response, and a refused context without a transfer syntax',
    bytes: hex(
      pdu(
        '02',
        `00010000${titles('SCP', 'SCU')}${applicationContext}${item('21', '01000400')}
         ${item('50', `${item('51', '00020000')}${item('59', sized('beef'))}`)}`.replace(/\s/g, ''),
      ),
    ),
    pdu: {
      type: 'A-ASSOCIATE-AC',
      protocolVersion: 1,
      calledAeTitle: 'SCP',
      callingAeTitle: 'SCU',
      applicationContextName: '1.2.840.10008.3.1.1.1',
      presentationContexts: [{ id: 1, result: 4 }],
      userInformation: {
        maximumLength: 131072,
        userIdentityResponse: { serverResponse: Uint8Array.of(0xbe, 0xef) },
      },
    },
  },
  {
    name: 'A-ASSOCIATE-RJ: called AE title not recognized',
    bytes: hex('030000000004 00010107'),
    pdu: { type: 'A-ASSOCIATE-RJ', result: 1, source: 1, reason: 7 },
  },
  {
    name: 'P-DATA-TF with the last command fragment and the first of the data',
    bytes: hex('04000000000f 00000004 0103 abcd 00000003 0100 ff'),
    pdu: {
      type: 'P-DATA-TF',
      values: [
        { contextId: 1, kind: 'command', last: true, fragments: [Uint8Array.of(0xab, 0xcd)] },
        { contextId: 1, kind: 'data', last: false, fragments: [Uint8Array.of(0xff)] },
      ],
    },
  },
  {
    name: 'P-DATA-TF with an empty last fragment',
    bytes: hex('040000000006 00000002 ff02'),
    pdu: { type: 'P-DATA-TF', values: [{ contextId: 255, kind: 'data', last: true, fragments: [] }] },
  },
  { name: 'A-RELEASE-RQ', bytes: hex('050000000004 00000000'), pdu: { type: 'A-RELEASE-RQ' } },
  { name: 'A-RELEASE-RP', bytes: hex('060000000004 00000000'), pdu: { type: 'A-RELEASE-RP' } },
  {
    name: 'A-ABORT by the provider: unexpected PDU',
    bytes: hex('070000000004 00000202'),
    pdu: { type: 'A-ABORT', source: 2, reason: 2 },
  },
] as const satisfies readonly Vector<object>[];
