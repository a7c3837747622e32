// PARITY.md has each member of DicomNet and DicomAssociate, with a line of code and an existing test. The lines are compiled
// by readmes.test.ts of the application interop.

import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';

const page = readFileSync(new URL('../PARITY.md', import.meta.url), 'utf8');
const rows = [...page.matchAll(/^\| `(\w+)` +\| `([^`]+)`(.*?) *\| `([^`]+\.test\.ts)`: (.*?) *\|$/gm)].map(
  ([, member = '', code = '', , file = '', title = '']) => ({ member, code, file, title }),
);

/** The members of the two classes and of their C interface. */
const MEMBERS = `
ACCEPTCALLBACK Accept AddPresentationContext AddTransfer AddUserInformation ApplicationContextName
Association CONNECTCALLBACK Called Calling Close Connect Default DelTransfer DeletePresentation
DeleteUserInformation DicomNet FindAbstract GetAbstract GetClient GetClientCount GetExtendedData
GetExtendedDataLength GetExtendedDataPtr GetPresentationContextID GetProviderRole GetQueueSend
GetResult GetServer GetTransfer GetTransferCount GetUserInformationData GetUserInformationDataLength
GetUserInformationDataPtr GetUserInformationType GetUserRole ImplementClass ImplementationVersionName
Initialize InvokedOperationsCount IsActivated IsAssociated IsAsynchronousOperations IsConnected
IsRequest IsRoleSelect L_DicomAccept L_DicomConnect L_DicomConnectExt L_DicomCreateNet L_DicomListen
L_DicomListenExt L_DicomSetCallback L_DicomStartUp Listen MaxLength ONReceiveNActionResponse OnAccept
OnClose OnConnect OnReceive OnReceiveAbort OnReceiveAssociateAccept OnReceiveAssociateReject
OnReceiveAssociateRequest OnReceiveCCancelRequest OnReceiveCEchoRequest OnReceiveCEchoResponse
OnReceiveCFindRequest OnReceiveCFindResponse OnReceiveCGetRequest OnReceiveCGetResponse OnReceiveCMoveRequest
OnReceiveCMoveResponse OnReceiveCStoreRequest OnReceiveCStoreResponse OnReceiveData OnReceiveNActionRequest
OnReceiveNCreateRequest OnReceiveNCreateResponse OnReceiveNDeleteRequest OnReceiveNDeleteResponse
OnReceiveNGetRequest OnReceiveNGetResponse OnReceiveNReportRequest OnReceiveNReportResponse
OnReceiveNSetRequest OnReceiveNSetResponse OnReceiveReleaseRequest OnReceiveReleaseResponse OnSend
OnreceiveUnknown PerformedOperationsCount PresentationContextCount Reset SendAbort SendAssociateAccept
SendAssociateReject SendAssociateRequest SendCCancelRequest SendCEchoRequest SendCEchoResponse
SendCFindRequest SendCFindResponse SendCGetRequest SendCGetResponse SendCMoveRequest SendCMoveResponse
SendCStoreRequest SendCStoreResponse SendData SendNActionRequest SendNActionResponse SendNCreateRequest
SendNCreateResponse SendNDeleteRequest SendNDeleteResponse SendNGetRequest SendNGetResponse
SendNReportRequest SendNReportResponse SendNSetRequest SendNSetResponse SendReleaseRequest
SendReleaseResponse SetAbstract SetAsynchronousOperations SetExtendedData SetPresentationContextID
SetResult SetRoleSelect SetTransfer SetUserInformation Shutdown Startup UserInformationCount Version
`
  .trim()
  .split(/\s+/);

describe('PARITY.md', () => {
  test('has each member once', () => {
    expect(MEMBERS).toHaveLength(137);
    expect(rows.map(({ member }) => member).sort()).toEqual([...MEMBERS].sort());
  });

  test.each(rows)('names an existing test for $member', ({ file, title }) => {
    const [name = '', ...path] = file.split('/');
    const source = readFileSync(new URL(`../../${name}/src/${path.join('/')}`, import.meta.url), 'utf8');
    // The whole title, as it is written in the source, or the name of a message in its table of messages.
    expect(["'", '"', '`'].some((quote) => source.includes(`${quote}${title}${quote}`))).toBe(true);
    expect(title).toMatch(/^[CN]\w+(Request|Response)$|\w+ .*\w+/);
  });
});
