// Spans of OpenTelemetry for an SCP and its user, printed by an exporter that needs no collector.

import { context, trace } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { BasicTracerProvider, type ReadableSpan, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-base';
import { createScp, openSession, Status, serve, verification } from '@x/dimse';
import { observeWithOpenTelemetry } from '@x/dimse/opentelemetry';

const printer = {
  export(spans: ReadableSpan[], done: (result: { code: number }) => void) {
    for (const { name, kind, attributes, duration, parentSpanContext } of spans) {
      const [seconds, nanoseconds] = duration;
      const milliseconds = (seconds * 1000 + nanoseconds / 1e6).toFixed(1);
      const role = ['internal', 'server', 'client'][kind];
      const details = attributes['dicom.response.status'] ?? attributes['dicom.association.outcome'] ?? '';
      console.log(`${name} ${role} ${details} ${parentSpanContext ? 'child' : 'root'} ${milliseconds} ms`);
    }
    done({ code: 0 });
  },
  shutdown: async () => {},
};
context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
const provider = new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(printer)] });
trace.setGlobalTracerProvider(provider);
const observing = observeWithOpenTelemetry();

const tracer = trace.getTracer('example');
const scp = createScp({
  aeTitle: 'SCP',
  services: [
    serve(verification, {
      async echo() {
        // A child of the span of the operation, because the handler runs inside of it.
        tracer.startSpan('look up').end();
        return Status.Success;
      },
    }),
  ],
});
const { port } = await scp.listen({ host: '127.0.0.1', port: 0 });
await tracer.startActiveSpan('check the archive', async (span) => {
  const peer = { host: '127.0.0.1', port, callingAeTitle: 'SCU', calledAeTitle: 'SCP' };
  const session = await openSession({ ...peer, services: [verification] });
  await session.use(verification).echo();
  await session.release();
  span.end();
});
await scp.close({ drain: 1000 });
observing[Symbol.dispose]();
await provider.shutdown();
