// Peers that deviate from the standard, as bytes: the archive serves them.

import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { deflateRawSync } from 'node:zlib';
import {
  type CommandSet,
  encodeCommandSet,
  encodeDataSet,
  get,
  openDicomFile,
  SopClass,
  studyRoot,
  TransferSyntax,
} from '@x/dimse';
import { callPort, type ScriptedPeer } from '@x/net/testing';
import { encodePdu, type Pdu } from '@x/pdu';
import { CT_IMAGE_STORAGE, EXPLICIT_VR_LITTLE_ENDIAN, syntheticDataSet } from '@x/testing/data-sets';
import { type RunningScp, startScp } from '@x/testing/processes';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { isSharedWorld, keptIn } from '../test/world.ts';

const VERIFICATION = SopClass.Verification;
const DEFLATED = TransferSyntax.DeflatedExplicitVRLittleEndian;
const UIDS = { sopClass: CT_IMAGE_STORAGE, sopInstance: '1.2.3', study: '1.2', series: '1.2.1' };
const folder = mkdtempSync(join(tmpdir(), 'odd-peers-'));
let archive: RunningScp;
beforeAll(async () => {
  archive = await startScp([...keptIn(folder)]);
}, 60_000);
afterAll(async () => {
  await archive?.stop('SIGKILL');
  rmSync(folder, { recursive: true });
});

const bytesOf = (pdu: Pdu) => Buffer.concat(encodePdu(pdu));

/** An association for one abstract syntax, whose request is changed on its way. */
async function associate(
  abstractSyntax: string,
  { id = 1, transferSyntax = EXPLICIT_VR_LITTLE_ENDIAN, change = (bytes: Buffer) => bytes } = {},
): Promise<ScriptedPeer> {
  const peer = await callPort(archive.port);
  const request = bytesOf({
    type: 'A-ASSOCIATE-RQ',
    protocolVersion: 1,
    calledAeTitle: 'DIMSE',
    callingAeTitle: 'ODD',
    presentationContexts: [{ id, abstractSyntax, transferSyntaxes: [transferSyntax] }],
    userInformation: { maximumLength: 16384 },
  });
  peer.send(change(request));
  expect((await peer.nextPdu())?.[0]).toBe(2);
  return peer;
}

/** Sends a message in one PDU each for command and data, and gives the statuses answered, to the last. */
async function ask(peer: ScriptedPeer, command: CommandSet, data?: Uint8Array, contextId = 1): Promise<number[]> {
  const send = (kind: 'command' | 'data', bytes: Uint8Array) =>
    peer.send(bytesOf({ type: 'P-DATA-TF', values: [{ contextId, kind, last: true, fragments: [bytes] }] }));
  send('command', encodeCommandSet(command));
  if (data) send('data', data);
  return finalStatuses(peer);
}

async function finalStatuses(peer: ScriptedPeer): Promise<number[]> {
  const statuses: number[] = [];
  for (;;) {
    const pdu = await peer.nextPdu();
    if (pdu?.[0] !== 4) throw new Error(`was answered ${pdu?.toString('hex')}`);
    // PS3.7 Table E.1-1: Status
    const at = pdu.indexOf(Buffer.from('0000000902000000', 'hex'));
    if (at >= 0) statuses.push(pdu.readUInt16LE(at + 8));
    if (statuses.length > 0 && (statuses.at(-1) as number) >> 8 !== 0xff) return statuses;
  }
}

const ECHO: CommandSet = { commandField: 0x30, messageId: 1, affectedSopClassUid: VERIFICATION, hasDataSet: false };
const STORE: CommandSet = {
  commandField: 0x01,
  messageId: 1,
  affectedSopClassUid: CT_IMAGE_STORAGE,
  affectedSopInstanceUid: '1.2.3',
  priority: 0,
  hasDataSet: true,
};
const FIND: CommandSet = {
  commandField: 0x20,
  messageId: 1,
  affectedSopClassUid: studyRoot.sopClasses.Find.uid,
  priority: 0,
  hasDataSet: true,
};

/** The instance that was stored, as its file has it. */
const stored = (sopInstance: string) => openDicomFile(join(folder, 'instances/1.2/1.2.1', `${sopInstance}.dcm`));

test('accepts AE titles padded with NUL', async () => {
  const peer = await associate(VERIFICATION, {
    change: (bytes) => {
      for (let at = 10; at < 42; at++) if (bytes[at] === 0x20) bytes[at] = 0;
      return bytes;
    },
  });
  expect(await ask(peer, ECHO)).toEqual([0]);
});

test('accepts a presentation context with an even id', async () => {
  expect(await ask(await associate(VERIFICATION, { id: 2 }), ECHO, undefined, 2)).toEqual([0]);
});

test('accepts UIDs padded with spaces in the association, the command and the data set', async () => {
  const replaced = (bytes: Uint8Array, ...pairs: readonly (readonly [from: string, to: string])[]) =>
    Buffer.from(
      pairs.reduce((text, [from, to]) => text.replaceAll(from, to), Buffer.from(bytes).toString('latin1')),
      'latin1',
    );
  const spaces = (bytes: Uint8Array) =>
    replaced(bytes, ['1.1.2\0', '1.1.2 '], ['1.2.3\0', '1.2.3 '], ['1.2\0', '1.2 ']);
  const peer = await associate(`${CT_IMAGE_STORAGE}9`, {
    transferSyntax: `${EXPLICIT_VR_LITTLE_ENDIAN}9`,
    change: (bytes) => replaced(bytes, ['1.1.29', '1.1.2 '], ['1.2.19', '1.2.1 ']),
  });
  const send = (kind: 'command' | 'data', bytes: Uint8Array) =>
    peer.send(bytesOf({ type: 'P-DATA-TF', values: [{ contextId: 1, kind, last: true, fragments: [bytes] }] }));
  send('command', spaces(encodeCommandSet(STORE)));
  send('data', spaces(syntheticDataSet(UIDS)));
  expect(await finalStatuses(peer)).toEqual([0]);
  if (isSharedWorld) return;
  await using file = await stored('1.2.3');
  expect(file).toMatchObject({ sopClass: CT_IMAGE_STORAGE, sopInstance: '1.2.3' });
  expect(file.metaInformation).toMatchObject({ sopInstance: '1.2.3', transferSyntax: EXPLICIT_VR_LITTLE_ENDIAN });
});

const groupLength = (group: number, length: number) => {
  const element = Buffer.alloc(12);
  element.writeUInt16LE(group, 0);
  element.write('UL', 4);
  element.writeUInt16LE(4, 6);
  element.writeUInt32LE(length, 8);
  return element;
};

test('accepts group lengths, including wrong ones, in instances and identifiers', async () => {
  const attributes = { SOPClassUID: CT_IMAGE_STORAGE, SOPInstanceUID: '1.2.4' };
  const data = Buffer.concat([
    groupLength(0x0008, 9999),
    encodeDataSet(attributes, EXPLICIT_VR_LITTLE_ENDIAN),
    groupLength(0x0010, 0),
    encodeDataSet({ PatientID: '42' }, EXPLICIT_VR_LITTLE_ENDIAN),
    encodeDataSet({ StudyInstanceUID: '1.5', SeriesInstanceUID: '1.2.1' }, EXPLICIT_VR_LITTLE_ENDIAN),
  ]);
  const storing = await associate(CT_IMAGE_STORAGE);
  expect(await ask(storing, { ...STORE, affectedSopInstanceUid: '1.2.4' }, data)).toEqual([0]);
  if (!isSharedWorld)
    expect(readFileSync(join(folder, 'instances/1.5/1.2.1/1.2.4.dcm')).subarray(-data.length).equals(data)).toBe(true);
  const identifier = Buffer.concat([
    groupLength(0x0008, 18),
    encodeDataSet({ QueryRetrieveLevel: 'STUDY' }, EXPLICIT_VR_LITTLE_ENDIAN),
    groupLength(0x0020, 12),
    encodeDataSet({ StudyInstanceUID: '1.5' }, EXPLICIT_VR_LITTLE_ENDIAN),
  ]);
  // No key that is not supported: no FF01H.
  expect(await ask(await associate(studyRoot.sopClasses.Find.uid), FIND, identifier)).toEqual([0xff00, 0]);
});

test('accepts a deflated data set of odd length and pads it when it is retrieved', async () => {
  const data = oddDeflated();
  const storing = await associate(CT_IMAGE_STORAGE, { transferSyntax: DEFLATED });
  expect(await ask(storing, { ...STORE, affectedSopInstanceUid: '1.2.5' }, data)).toEqual([0]);
  const got = await retrieved('1.2.5');
  expect(got.subarray(0, data.length).equals(data)).toBe(true);
  expect(got.length).toBe(data.length + 1);
});

/** A length that the filler makes odd. */
function oddDeflated(): Buffer {
  for (let length = 2; ; length += 2) {
    const uids = { ...UIDS, sopInstance: '1.2.5' };
    const data = deflateRawSync(syntheticDataSet({ ...uids, pixelLength: length }));
    if (data.length % 2 === 1) return data;
  }
}

/** The data set of an instance as C-GET brings it. */
async function retrieved(sopInstance: string): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  const instances = get({
    host: '127.0.0.1',
    port: archive.port,
    callingAeTitle: 'SCU',
    calledAeTitle: 'DIMSE',
    identifier: {
      QueryRetrieveLevel: 'IMAGE',
      StudyInstanceUID: '1.2',
      SeriesInstanceUID: '1.2.1',
      SOPInstanceUID: sopInstance,
    },
    sopClasses: [CT_IMAGE_STORAGE],
  });
  for await (const { data } of instances) for await (const chunk of data) chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks);
}
