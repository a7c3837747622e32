// Sends the same prepared C-FIND request again and again on one association, and counts the matches without decoding them: the
// client of the row that measures how fast archives answer. raw-find PORT AET STUDIES TIMES

import { once } from 'node:events';
import { connect } from 'node:net';
import { encodeDataSet, SopClass, TransferSyntax } from '@x/dimse';
import { associateRequest, encodePdu } from '@x/pdu';
import { STUDY_KEYS } from '../match.ts';
import { commandPdu, dataPdu, P_DATA, PDU_HEADER, uid, uint16, wholePdus } from './pdu-stream.ts';

const [port, calledAeTitle, studies, times] = process.argv.slice(2) as [string, string, string, string];
const WARM_UP = 20;
const CONTEXT = 1;
const SOP_CLASS = SopClass.StudyRootQueryRetrieveInformationModelFind;
const SYNTAX = TransferSyntax.ImplicitVRLittleEndian;
const ACCEPT = 0x02;
const RELEASE_RQ = Buffer.from([0x05, 0, 0, 0, 0, 4, 0, 0, 0, 0]);
/** The message control header of a fragment (PS3.8 §E.2). */
const COMMAND = 0x01;
const LAST = 0x02;

const contexts = [{ abstractSyntax: SOP_CLASS, transferSyntaxes: [SYNTAX] }];
const request = Buffer.concat([
  commandPdu(CONTEXT, [
    [0x0002, uid(SOP_CLASS)],
    [0x0100, uint16(0x0020)],
    [0x0110, uint16(1)],
    [0x0700, uint16(0)],
    [0x0800, uint16(0x0001)],
  ]),
  dataPdu(CONTEXT, encodeDataSet(STUDY_KEYS, SYNTAX)),
]);
const socket = connect({ port: Number(port), host: '127.0.0.1', noDelay: true });
let matches = 0;
let answered: (status: number) => void = () => {};
socket.on(
  'data',
  wholePdus((type, pdu) => {
    if (type === ACCEPT) answered(0);
    if (type !== P_DATA) return;
    for (let at = PDU_HEADER; at < pdu.length; ) {
      const end = at + 4 + pdu.readUInt32BE(at);
      const control = pdu[at + 5] as number;
      if ((control & COMMAND) === 0) matches += (control & LAST) === 0 ? 0 : 1;
      else take(pdu.subarray(at + 6, end));
      at = end;
    }
  }),
);
socket.on('close', () => answered(-1));
await answerTo(Buffer.concat(encodePdu(associateRequest(calledAeTitle, 'BENCH-SCU', contexts))));
for (let time = 0; time < WARM_UP; time++) await answerTo(request);
matches = 0;
const begun = performance.now();
for (let time = 0; time < Number(times); time++) await answerTo(request);
const milliseconds = performance.now() - begun;
if (matches !== Number(studies) * Number(times)) throw new Error(`${matches} found`);
socket.write(RELEASE_RQ);
socket.end();
await once(socket, 'close');
process.stdout.write(`${JSON.stringify({ milliseconds })}\n`);

/** Sends bytes, and settles with the final response. */
function answerTo(bytes: Buffer): Promise<void> {
  return new Promise((resolve, reject) => {
    answered = (status) => (status === 0 ? resolve() : reject(new Error(`the search ended with ${status}`)));
    socket.write(bytes);
  });
}

/** Takes the command of a response. */
function take(command: Buffer): void {
  for (let at = 0; at < command.length; at += 8 + command.readUInt32LE(at + 4)) {
    if (command.readUInt16LE(at + 2) !== 0x0900) continue;
    const status = command.readUInt16LE(at + 8);
    if (status !== 0xff00 && status !== 0xff01) answered(status);
  }
}
