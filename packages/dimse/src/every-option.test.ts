// Every public function that takes options refuses unknown ones, in plain JavaScript too.

import type { Association } from '@x/net';
import { associatedPair } from '@x/net/testing';
import { optionParameters } from '@x/testing/option-parameters';
import { afterAll, beforeAll, expect, test } from 'vitest';
import * as data from './data-set.ts';
import * as dcmjs from './dcmjs.ts';
import * as dimse from './index.ts';
import * as opentelemetry from './opentelemetry.ts';
import * as print from './print.ts';
import { replayConversations } from './replay.ts';
import { createDecompressor, createPixelDataCodec, transcode } from './transcode.ts';
import { PerformedProcedureStep } from './workflow/performed-procedure-step/performed-procedure-step-user.ts';
import * as workflow from './workflow.ts';

type Options = never;
const { modalityWorklist, serve, TransferSyntax, verification } = dimse;
const IMPLICIT = TransferSyntax.ImplicitVRLittleEndian;
const pool = dimse.createSessionPool();
let association: Association;
let session: dimse.Session;

beforeAll(async () => {
  [association] = await associatedPair();
  session = new dimse.Session(association);
});
afterAll(async () => {
  await pool.close();
  association.abort();
});

/** Takes the first of what an iterable yields. */
const first = async (all: AsyncIterable<unknown>) => {
  for await (const each of all) return each;
};
const scp = () => dimse.createScp({ aeTitle: 'SCP', services: [] });
const exchange = () => new dimse.MessageExchange(association);
const empty = async function* () {};
const instances: never[] = [];
const context = { session: {} } as never;
const file = async (use: (file: dimse.DicomFile) => Promise<unknown>) =>
  use(Object.create(dimse.DicomFile.prototype) as dimse.DicomFile);
const step = () => new PerformedProcedureStep('1.2', {});
const steps = () => new workflow.UnifiedProcedureStepUser();
const handled = { identifier: { QueryRetrieveLevel: 'STUDY' }, sopClass: '1.2' } as never;

const CALLS: Readonly<Record<string, (options: Options) => unknown>> = {
  'answerQuery(options)': (options) => first(dimse.answerQuery(modalityWorklist, [], handled, context, options)),
  'createCommitmentTransactionStore(limits)': workflow.createCommitmentTransactionStore,
  'createDataSetCodec(options)': dimse.createDataSetCodec,
  'createDecompressor(options)': createDecompressor,
  'createEventQueue(limits)': workflow.createEventQueue,
  'createForwardQueue(limits)': workflow.createForwardQueue,
  'createPerformedProcedureStepStore(limits)': workflow.createPerformedProcedureStepStore,
  'createPixelDataCodec(options)': createPixelDataCodec,
  'createScp(options)': dimse.createScp,
  'createSessionPool(given)': dimse.createSessionPool,
  'createWorkItemStore(limits)': workflow.createWorkItemStore,
  'DataSetInspector#end(options)': (options) => new data.DataSetInspector(IMPLICIT).end(options),
  'new HeldFiles(options)': (options) => new dimse.HeldFiles(options),
  'decodeDataSet(limits)': (limits) => dimse.decodeDataSet(new Uint8Array(0), IMPLICIT, limits),
  'decodeDataSetInTurns(limits)': (limits) => dimse.decodeDataSetInTurns(new Uint8Array(0), IMPLICIT, limits),
  'defineOperation(definition)': dimse.defineOperation,
  'defineServiceClass(definition)': dimse.defineServiceClass,
  'DicomFile#decode(options)': (options) => file((opened) => opened.decode(options)),
  'editDataSet(options)': (options) => data.editDataSet([], IMPLICIT, [], options),
  'FileWriter#finish(options)': (options) => data.FileWriter.prototype.finish(options),
  'fromDcmjs(options)': (options) => dcmjs.fromDcmjs({}, options),
  'fromDenaturalized(options)': (options) => dcmjs.fromDenaturalized({}, options),
  'get(options)': (options) => first(dimse.get(options)),
  'matchesIdentifier(options)': (options) => dimse.matchesIdentifier({}, {}, options),
  'MessageExchange#respond(options)': (options) =>
    exchange().respond(
      { context: { id: 1 }, command: { commandField: 0x30 } } as never,
      { status: 0 },
      undefined,
      options,
    ),
  'MessageExchange#send(options)': (options) => exchange().send(1, { commandField: 0x30 }, undefined, options),
  'moveToSelf(options)': (options) => first(dimse.moveToSelf(options)),
  'new DataSetInspector(options)': (options) => new data.DataSetInspector(IMPLICIT, options),
  'new DataSetScanner(options)': (options) => new data.DataSetScanner(IMPLICIT, options),
  'new DeliveryLoop(options)': (options) => new workflow.DeliveryLoop(options),
  'new EventDelivery(options)': (options) => new workflow.EventDelivery(options),
  'new ForwardDelivery(options)': (options) => new workflow.ForwardDelivery(options),
  'new MessageExchange(limits)': (limits) => new dimse.MessageExchange(association, limits),
  'new PerformedProcedureStepProvider(options)': (options) => new workflow.PerformedProcedureStepProvider(options),
  'new PerformedProcedureStepUser(options)': (options) => new workflow.PerformedProcedureStepUser(options),
  'new PrintProvider(options)': (options) => new print.PrintProvider(options),
  'new PrintUser(options)': (options) => new print.PrintUser(options),
  'new Scp(options)': (options) => new dimse.Scp(options),
  'new Session(options)': (options) => new dimse.Session(association, [], options),
  'new StorageCommitmentProvider(options)': (options) => new workflow.StorageCommitmentProvider(options),
  'new StorageCommitmentUser(options)': (options) => new workflow.StorageCommitmentUser(options),
  'new UnifiedProcedureStepProvider(options)': (options) => new workflow.UnifiedProcedureStepProvider(options),
  'new UnifiedProcedureStepUser(options)': (options) => new workflow.UnifiedProcedureStepUser(options),
  'observeWithOpenTelemetry(options)': (options) => opentelemetry.observeWithOpenTelemetry(options),
  'openDicomFile(options)': (options) => dimse.openDicomFile('/dev/null', options),
  'openDicomSource(options)': (options) =>
    data.openDicomSource({ length: 0, readv: async () => 0 } as never, 'nothing', options),
  'openSession(options)': dimse.openSession,
  'PerformedProcedureStep#complete(options)': (options) => step().complete(session, {}, options),
  'PerformedProcedureStep#discontinue(options)': (options) => step().discontinue(session, {}, options),
  'PerformedProcedureStep#set(options)': (options) => step().set(session, {}, options),
  'PerformedProcedureStepUser#begin(options)': (options) =>
    new workflow.PerformedProcedureStepUser().begin(session, {}, options),
  'performGet(options)': (options) => first(dimse.performGet(instances, context, options)),
  'performMove(options)': (options) => first(dimse.performMove(instances, '', () => undefined, context, options)),
  'Pool#acquire(options)': (options) => pool.acquire({} as never, options),
  'Pool#close(options)': (options) => pool.close(options),
  'prepareMatching(options)': (options) => dimse.prepareMatching({}, options),
  'PrintUser#jobEnded(options)': (options) => new print.PrintUser().jobEnded(session, '1.2', options),
  'PrintUser#printerStatus(options)': (options) => new print.PrintUser().printerStatus(session, options),
  'PrintUser#printFilm(film)': (film) => new print.PrintUser().printFilm(session, film),
  'PrintUser#printFilm(options)': (options) =>
    new print.PrintUser().printFilm(session, { format: 'STANDARD\\1,1', images: [] }, options),
  'reencode(options)': (options) => first(data.reencode([], IMPLICIT, IMPLICIT, options)),
  'replayConversations(options)': (options) => first(replayConversations(empty(), options)),
  'Scp#close(options)': (options) => scp().close(options),
  'Scp#listen(address)': (address) => scp().listen(address),
  'Scp#reload(tls)': (tls) => scp().reload(tls),
  'serve(options)': (options) => serve(verification, {}, options),
  'Session#release(options)': (options) => session.release(options),
  'StorageCommitmentUser#requestCommitment(options)': (options) =>
    new workflow.StorageCommitmentUser().requestCommitment(session, [], options),
  'storeInstances(options)': (options) => first(dimse.storeInstances([], options)),
  'toDicomJson(options)': (options) => data.toDicomJson({}, options),
  'toDicomJsonInTurns(options)': (options) => data.toDicomJsonInTurns({}, options),
  'transcode(options)': (options) => first(transcode(empty(), options)),
  'UnifiedProcedureStepProvider#announceRestart(options)': (options) =>
    new workflow.UnifiedProcedureStepProvider().announceRestart([], options),
  'UnifiedProcedureStepProvider#removeFinished(options)': (options) =>
    new workflow.UnifiedProcedureStepProvider().removeFinished(0, options),
  'UnifiedProcedureStepUser#changeState(options)': (options) =>
    steps().changeState(session, '1.2', 'COMPLETED', '1.2', options),
  'UnifiedProcedureStepUser#claim(options)': (options) => steps().claim(session, '1.2', options),
  'UnifiedProcedureStepUser#create(options)': (options) => steps().create(session, {}, options),
  'UnifiedProcedureStepUser#find(options)': (options) => steps().find(session, {}, options).final,
  'UnifiedProcedureStepUser#get(options)': (options) => steps().get(session, '1.2', [], options),
  'UnifiedProcedureStepUser#requestCancel(options)': (options) => steps().requestCancel(session, '1.2', {}, options),
  'UnifiedProcedureStepUser#set(options)': (options) => steps().set(session, '1.2', {}, options),
  'UnifiedProcedureStepUser#subscribe(options)': (options) =>
    steps().subscribe(session, { receivingAeTitle: 'A' }, options),
  'UnifiedProcedureStepUser#subscribe(request)': (request) => steps().subscribe(session, request),
  'UnifiedProcedureStepUser#suspendGlobalSubscription(options)': (options) =>
    steps().suspendGlobalSubscription(session, 'A', options),
  'UnifiedProcedureStepUser#unsubscribe(options)': (options) =>
    steps().unsubscribe(session, { receivingAeTitle: 'A' }, options),
  'UnifiedProcedureStepUser#unsubscribe(request)': (request) => steps().unsubscribe(session, request),
  'writeArrivedInstance(options)': (options) => dimse.writeArrivedInstance({} as never, {} as never, [], options),
  'writeInstance(options)': (options) => dimse.writeInstance({} as never, {} as never, {} as never, options),
};

/** Messages, data sets, events, facts of errors, and objects that other functions make. */
const NOT_OPTIONS = [
  'canDecode(codec)',
  // A codec may belong to the application, and sessions call it for each message.
  'DataSetCodec#decode(limits)',
  'dcmjsDataSetCodec(codec)',
  'encodeCommandSet(command)',
  'encodeFileMetaInformation(meta)',
  'EventDelivery#deliver(report)',
  // Queues belong to the application.
  'ForwardQueue#change(instance)',
  'ForwardQueue#put(instance)',
  'MessageExchange#respond(response)',
  'MessageExchange#respondAtOnce(response)',
  'MessageExchange#send(command)',
  'MessageExchange#sendAtOnce(command)',
  'new DataSetError(place)',
  // `openDicomFile` and `openDicomSource` call it.
  'new DicomFile(reader)',
  'new DicomFile(scanning)',
  'new DimseError(details)',
  'new PixelDataError(facts)',
  'openDicomSource(source)',
  'personNameText(1)',
  'PerformedProcedureStep#complete(changes)',
  'PerformedProcedureStep#discontinue(changes)',
  'PerformedProcedureStep#set(attributes)',
  'PerformedProcedureStepUser#begin(attributes)',
  // `open` checks it: `openSession`.
  'Pool#acquire(request)',
  'PrintProvider#changePrinterStatus(status)',
  'Retrieval#tell(change)',
  'storeReportLine(outcome)',
  'UnifiedProcedureStepUser#create(attributes)',
  'UnifiedProcedureStepUser#set(attributes)',
  // Stores belong to the application.
  'WorkItemStore#add(item)',
  'WorkItemStore#removeFinished(options)',
  'WorkItemStore#subscribe(subscription)',
  'writeArrivedInstance(instance)',
  'writeInstance(data)',
  'writeInstance(instance)',
];

/** The same test of net has these. */
const OF_NET = /^(Lease|Listener)#/;

test('every parameter that takes options is listed here', () => {
  const found = optionParameters(new URL('..', import.meta.url)).filter((each) => !OF_NET.test(each));
  expect(found).toEqual([...Object.keys(CALLS), ...NOT_OPTIONS].sort());
});

test.each(Object.entries(CALLS))('%s refuses an unknown option', async (_, call) => {
  const error = { name: 'OptionError', code: 'OPTION_UNKNOWN', option: 'thisOptionDoesNotExist' };
  await expect((async () => call({ thisOptionDoesNotExist: 1 } as never))()).rejects.toMatchObject(error);
});

test('calls refuse unknown options and properties of the request', async () => {
  const { echo } = session.use(verification);
  await expect(echo({}, { singal: 1 } as never)).rejects.toThrow("unknown option 'singal'; did you mean 'signal'?");
  const { find } = session.use(modalityWorklist);
  await expect(find({ identifer: {} } as never).final).rejects.toThrow(
    "C-FIND-RQ has no property 'identifer'; did you mean 'identifier'?",
  );
});
