// Spans and metrics of both roles, exported into memory by the SDK of OpenTelemetry.

import { createServer } from 'node:net';
import { context, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import {
  AggregationTemporality,
  type DataPoint,
  type Histogram,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
} from '@opentelemetry/sdk-metrics';
import {
  BasicTracerProvider,
  InMemorySpanExporter,
  type ReadableSpan,
  SimpleSpanProcessor,
} from '@opentelemetry/sdk-trace-base';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { DimseError } from '../message/errors.ts';
import { Status } from '../message/status.ts';
import { studyRoot } from '../services/query-retrieve.ts';
import { createScp, type Scp } from '../session/scp.ts';
import { openSession } from '../session/scu.ts';
import { type Service, serve } from '../session/service-class.ts';
import { verification } from '../session/verification.ts';
import { observeWithOpenTelemetry } from './observe.ts';

const spans = new InMemorySpanExporter();
const provider = new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(spans)] });
const tracer = provider.getTracer('test');
let scp: Scp | undefined;
let measured: InMemoryMetricExporter;
let meters: MeterProvider;
let observing: Disposable;

beforeAll(() => {
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
});
afterAll(() => context.disable());
beforeEach(() => {
  spans.reset();
  measured = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE);
  meters = new MeterProvider({ readers: [new PeriodicExportingMetricReader({ exporter: measured })] });
  observing = observeWithOpenTelemetry({ tracer, meter: meters.getMeter('test') });
});
afterEach(async () => {
  observing[Symbol.dispose]();
  await scp?.close();
  scp = undefined;
  await meters.shutdown();
});

async function serveAll(services: readonly Service[]): Promise<number> {
  scp = createScp({ aeTitle: 'ARCHIVE', services });
  return (await scp.listen({ port: 0, host: '127.0.0.1' })).port;
}

const to = (port: number, calledAeTitle = 'ARCHIVE') => ({
  host: '127.0.0.1',
  port,
  callingAeTitle: 'MODALITY',
  calledAeTitle,
  services: [verification, studyRoot],
});

/** The spans that have ended, when there are so many. */
async function ended(count: number): Promise<ReadableSpan[]> {
  await expect.poll(() => spans.getFinishedSpans().length, { timeout: 20_000 }).toBe(count);
  return spans.getFinishedSpans();
}
const find = (all: readonly ReadableSpan[], name: string, kind: SpanKind) => {
  const found = all.find((span) => span.name === name && span.kind === kind);
  if (!found) throw new Error(`there is no span ${name} among ${all.map((span) => span.name).join(', ')}`);
  return found;
};

/** The histograms by name, each with the attributes and the number of its values. */
async function histograms() {
  await meters.forceFlush();
  const { metrics: found = [] } = measured.getMetrics().at(-1)?.scopeMetrics[0] ?? {};
  return Object.fromEntries(
    found.map(({ descriptor, dataPoints }) => [
      descriptor.name,
      (dataPoints as DataPoint<Histogram>[]).map(({ attributes, value }) => ({ ...attributes, count: value.count })),
    ]),
  );
}

test('makes spans of both sides, and runs the handler inside its span', async () => {
  const port = await serveAll([
    serve(verification, {
      echo: async () => {
        await new Promise((resolve) => setImmediate(resolve));
        tracer.startSpan('work of the handler').end();
        return Status.Success;
      },
    }),
  ]);
  await tracer.startActiveSpan('the caller', async (caller) => {
    const session = await openSession(to(port));
    await session.use(verification).echo();
    await session.release();
    caller.end();
  });
  const all = await ended(6);
  const caller = find(all, 'the caller', SpanKind.INTERNAL);
  const [requested, accepted] = [SpanKind.CLIENT, SpanKind.SERVER].map((kind) => find(all, 'association', kind));
  const [called, performed] = [SpanKind.CLIENT, SpanKind.SERVER].map((kind) => find(all, 'C-ECHO', kind));
  const work = find(all, 'work of the handler', SpanKind.INTERNAL);
  expect(requested?.parentSpanContext?.spanId).toBe(caller.spanContext().spanId);
  expect(called?.parentSpanContext?.spanId).toBe(caller.spanContext().spanId);
  expect(accepted?.parentSpanContext).toBeUndefined();
  expect(performed?.parentSpanContext?.spanId).toBe(accepted?.spanContext().spanId);
  expect(work.parentSpanContext?.spanId).toBe(performed?.spanContext().spanId);
  expect(called?.attributes).toEqual({
    'network.protocol.name': 'dicom',
    'network.transport': 'tcp',
    'server.address': '127.0.0.1',
    'server.port': port,
    'network.peer.address': '127.0.0.1',
    'network.peer.port': port,
    'dicom.operation.name': 'C-ECHO',
    'dicom.association.id': requested?.attributes['dicom.association.id'],
    'dicom.sop_class.uid': '1.2.840.10008.1.1',
    'dicom.message.id': 1,
    'dicom.response.status': '0000',
    'dicom.request.size': 0,
    'dicom.response.size': 0,
  });
  expect(performed?.attributes).toMatchObject({ 'server.address': '127.0.0.1', 'server.port': port });
  expect(requested?.attributes).toMatchObject({
    'dicom.calling_ae_title': 'MODALITY',
    'dicom.called_ae_title': 'ARCHIVE',
    'dicom.association.outcome': 'released',
  });
  expect(requested?.events.map(({ name }) => name)).toEqual(['dicom.association.accepted']);
  for (const span of all) expect(span.status.code).toBe(SpanStatusCode.UNSET);
  const server = { 'server.address': '127.0.0.1', 'server.port': port };
  expect(await histograms()).toEqual({
    'dicom.client.association.duration': [{ 'dicom.association.outcome': 'released', ...server, count: 1 }],
    'dicom.client.operation.duration': [{ 'dicom.operation.name': 'C-ECHO', ...server, count: 1 }],
    'dicom.server.association.duration': [{ 'dicom.association.outcome': 'released', count: 1 }],
    'dicom.server.operation.duration': [{ 'dicom.operation.name': 'C-ECHO', count: 1 }],
  });
});

test('calls without an active span are children of their association', async () => {
  const port = await serveAll([serve(verification, { echo: () => Status.Success })]);
  const session = await openSession(to(port));
  await session.use(verification).echo();
  await session.release();
  const all = await ended(4);
  const [requested, called] = ['association', 'C-ECHO'].map((name) => find(all, name, SpanKind.CLIENT));
  expect(called?.parentSpanContext?.spanId).toBe(requested?.spanContext().spanId);
});

test('types errors by the status and by the code of their cause, without texts', async () => {
  const port = await serveAll([
    serve(verification, {
      echo: () => {
        throw new DimseError(Status.ProcessingFailure, { errorComment: 'Doe^Jane has no images' });
      },
    }),
    serve(studyRoot, {
      async *rawFind() {
        await new Promise(() => {});
      },
    }),
  ]);
  const session = await openSession(to(port));
  await expect(session.use(verification).echo()).rejects.toThrow(DimseError);
  const identifier = { PatientName: 'Doe^Jane', StudyInstanceUID: '' };
  // The handler begins before that, on a busy machine too.
  const pending = session.use(studyRoot).find({ identifier }, { responseTimeout: 2000 });
  await expect(pending.final).rejects.toThrow('C-FIND');
  const all = await ended(6);
  const types = (name: string) =>
    [SpanKind.CLIENT, SpanKind.SERVER].map((kind) => {
      const { attributes, status } = find(all, name, kind);
      expect(status).toEqual({ code: SpanStatusCode.ERROR });
      return attributes['error.type'];
    });
  expect(types('C-ECHO')).toEqual(['0110', '0110']);
  expect(types('C-FIND')).toEqual(['TIMEOUT_RESPONSE', 'ASSOCIATION_ABORTED']);
  expect(types('association')).toEqual(['TIMEOUT_RESPONSE', 'ASSOCIATION_ABORTED']);
  expect(JSON.stringify(all.map(({ attributes, events, status }) => [attributes, events, status]))).not.toContain(
    'Doe',
  );
  expect((await histograms())['dicom.server.operation.duration']).toEqual([
    { 'dicom.operation.name': 'C-ECHO', 'error.type': '0110', count: 1 },
    { 'dicom.operation.name': 'C-FIND', 'error.type': 'ASSOCIATION_ABORTED', count: 1 },
  ]);
});

test('tells rejections and peers that cannot be reached', async () => {
  const port = await serveAll([serve(verification, { echo: () => Status.Success })]);
  await expect(openSession(to(port, 'UNKNOWN'))).rejects.toThrow('rejected');
  const all = await ended(2);
  const codes = { 'dicom.reject.result': 1, 'dicom.reject.source': 1, 'dicom.reject.reason': 7 };
  const [requested, rejected] = [SpanKind.CLIENT, SpanKind.SERVER].map((kind) => find(all, 'association', kind));
  expect(requested).toMatchObject({
    status: { code: SpanStatusCode.ERROR },
    attributes: { ...codes, 'error.type': 'ASSOCIATION_REJECTED', 'dicom.association.outcome': 'rejected' },
  });
  expect(rejected).toMatchObject({ status: { code: SpanStatusCode.UNSET }, attributes: codes });
  spans.reset();
  const gone = createServer();
  await new Promise<void>((resolve) => gone.listen(0, '127.0.0.1', resolve));
  const { port: free } = gone.address() as { port: number };
  await new Promise((resolve) => gone.close(resolve));
  await expect(openSession(to(free))).rejects.toThrow();
  expect((await ended(1))[0]?.attributes).toMatchObject({
    'dicom.association.outcome': 'failed',
    'error.type': 'ECONNREFUSED',
    'server.port': free,
  });
});

test('ends open spans when it is disposed of, and makes none afterwards', async () => {
  const port = await serveAll([serve(verification, { echo: () => Status.Success })]);
  const session = await openSession(to(port));
  observing[Symbol.dispose]();
  expect(spans.getFinishedSpans().map(({ name }) => name)).toEqual(['association', 'association']);
  await session.use(verification).echo();
  await session.release();
  expect(spans.getFinishedSpans()).toHaveLength(2);
  expect(trace.getActiveSpan()).toBeUndefined();
});
