// Spans and metrics of OpenTelemetry, from the tracing channels of associations and operations.

import {
  type Attributes,
  type Context,
  context,
  type Histogram,
  type Meter,
  metrics,
  ROOT_CONTEXT,
  type Span,
  SpanKind,
  SpanStatusCode,
  type Tracer,
  trace,
} from '@opentelemetry/api';
import {
  ASSOCIATION_ACCEPTED_CHANNEL,
  ASSOCIATION_CHANNEL,
  type Association,
  type AssociationTrace,
  type TracedWork,
} from '@x/net';
import { aValueOf, checkOptions, type OptionTable } from '@x/pdu/internal';
import { OPERATION_CHANNEL, type OperationTrace } from '../message/diagnostics.ts';
import { diagnosticsChannel } from '../node-modules.ts';
import {
  endedAttributes,
  networkAttributes,
  operationAttributes,
  operationErrorType,
  operationName,
  requestedAttributes,
  type ServerAddress,
} from './attributes.ts';

/** Options of `observeWithOpenTelemetry`. */
export interface OpenTelemetryOptions {
  /** Makes the spans. Default: the tracer `@x/dimse` of the global provider. */
  readonly tracer?: Tracer;
  /** Makes the histograms. Default: the meter `@x/dimse` of the global provider. */
  readonly meter?: Meter;
}

/**
 * Makes spans and metrics of all associations and operations of this process until it is disposed of; then it ends the spans that
 * are open. Set the global providers, or give a tracer and a meter, before you call it, and call it once.
 *
 * An association is a span from its request to its end, an operation one from its request to its final response; their kind is
 * CLIENT for the side that requests and SERVER for the other. Calls are children of the active span of the caller, or of the
 * association if there is none. Handlers of an SCP run inside the span of their operation.
 * @throws OptionError.
 */
export function observeWithOpenTelemetry(options: OpenTelemetryOptions = {}): Disposable {
  const { tracer = trace.getTracer(SCOPE), meter = metrics.getMeter(SCOPE) } = checkOptions(OPTIONS, options);
  const observer = new Observer(tracer, meter);
  const { subscribe, unsubscribe } = diagnosticsChannel();
  const listeners: [channel: string, listener: (work: unknown) => void][] = [
    [`tracing:${ASSOCIATION_CHANNEL}:start`, (work) => observer.associationBegan(work as AssociationTrace)],
    [ASSOCIATION_ACCEPTED_CHANNEL, (work) => observer.associationAccepted(work as AssociationTrace)],
    [`tracing:${ASSOCIATION_CHANNEL}:asyncEnd`, (work) => observer.associationEnded(work as AssociationTrace)],
    [`tracing:${OPERATION_CHANNEL}:start`, (work) => observer.operationBegan(work as OperationTrace)],
    [`tracing:${OPERATION_CHANNEL}:asyncEnd`, (work) => observer.operationEnded(work as OperationTrace)],
  ];
  for (const [channel, listener] of listeners) subscribe(channel, listener);
  return {
    [Symbol.dispose]() {
      for (const [channel, listener] of listeners) unsubscribe(channel, listener);
      observer.endAll();
    },
  };
}

const OPTIONS: OptionTable<OpenTelemetryOptions> = {
  of: 'observeWithOpenTelemetry',
  rules: { tracer: aValueOf('object'), meter: aValueOf('object') },
};

const SCOPE = '@x/dimse';

/** The boundaries of the histograms in seconds, as the semantic conventions have them for requests. */
const BOUNDARIES = [0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 1800];

/** An association that is established: its span, and the server as it was requested. */
interface Established {
  readonly span: Span;
  readonly server: ServerAddress;
}

class Observer {
  readonly #tracer: Tracer;
  readonly #durations: Readonly<Record<'client' | 'server', Readonly<Record<'association' | 'operation', Histogram>>>>;
  readonly #spans = new Map<TracedWork, Span>();
  readonly #established = new WeakMap<Association, Established>();

  constructor(tracer: Tracer, meter: Meter) {
    this.#tracer = tracer;
    const histogram = (side: string, of: string, description: string) =>
      meter.createHistogram(`dicom.${side}.${of}.duration`, {
        description,
        unit: 's',
        advice: { explicitBucketBoundaries: BOUNDARIES },
      });
    const histograms = (side: string) => ({
      association: histogram(side, 'association', 'From the request of an association to its end'),
      operation: histogram(side, 'operation', 'From the request of an operation to its final response'),
    });
    this.#durations = { client: histograms('client'), server: histograms('server') };
  }

  associationBegan(work: AssociationTrace): void {
    const { role, address, port } = work;
    const isClient = role === 'requestor';
    const peer = { address, port };
    const attributes = {
      ...requestedAttributes(work),
      ...(isClient ? networkAttributes(peer, {}) : networkAttributes({}, peer)),
    };
    const kind = isClient ? SpanKind.CLIENT : SpanKind.SERVER;
    this.#begin(work, 'association', kind, attributes, isClient ? context.active() : ROOT_CONTEXT);
  }

  associationAccepted(work: AssociationTrace): void {
    const span = this.#spans.get(work);
    const { association, role, address, port } = work;
    if (!span || !association) return;
    const { local, peer } = association.connection;
    const server = role === 'requestor' ? { address: address ?? peer.address, port: port ?? peer.port } : local;
    span.setAttributes({ ...networkAttributes(server, peer), 'dicom.association.id': association.id });
    span.addEvent('dicom.association.accepted');
    this.#established.set(association, { span, server });
  }

  associationEnded(work: AssociationTrace): void {
    const attributes = endedAttributes(work);
    const side = work.role === 'requestor' ? 'client' : 'server';
    const { 'dicom.association.outcome': outcome, 'error.type': type } = attributes;
    const measured = { 'dicom.association.outcome': outcome, ...(type !== undefined && { 'error.type': type }) };
    this.#end(work, attributes, this.#durations[side].association, {
      ...measured,
      ...(side === 'client' && serverOf({ address: work.address, port: work.port })),
    });
  }

  operationBegan(work: OperationTrace): void {
    const { association, as, sopClass } = work;
    const established = this.#established.get(association);
    const attributes = {
      ...this.#networkOf(work),
      'dicom.operation.name': operationName(work),
      'dicom.association.id': association.id,
      ...(sopClass !== undefined && { 'dicom.sop_class.uid': sopClass }),
    };
    const active = as === 'invoked' ? context.active() : ROOT_CONTEXT;
    const isChild = !trace.getSpan(active) && established;
    const parent = isChild ? trace.setSpan(active, established.span) : active;
    const kind = as === 'invoked' ? SpanKind.CLIENT : SpanKind.SERVER;
    this.#begin(work, operationName(work), kind, attributes, parent);
  }

  operationEnded(work: OperationTrace): void {
    const side = work.as === 'invoked' ? 'client' : 'server';
    const type = operationErrorType(work);
    this.#end(work, operationAttributes(work), this.#durations[side].operation, {
      'dicom.operation.name': operationName(work),
      ...(type !== undefined && { 'error.type': type }),
      // The port of a peer that called is another one each time.
      ...(side === 'client' && work.association.role === 'requestor' && serverOf(this.#serverOf(work.association))),
    });
  }

  /** Ends the spans that are open. */
  endAll(): void {
    for (const span of this.#spans.values()) span.end();
    this.#spans.clear();
  }

  #begin(work: TracedWork, name: string, kind: SpanKind, attributes: Attributes, parent: Context): void {
    const span = this.#tracer.startSpan(name, { kind, attributes }, parent);
    this.#spans.set(work, span);
    const inside = trace.setSpan(parent, span);
    const { around } = work;
    work.around = (run) => context.with(inside, () => (around ? around(run) : run()));
  }

  #end(work: TracedWork, attributes: Attributes, histogram: Histogram, measured: Attributes): void {
    const span = this.#spans.get(work);
    // It began before the observer.
    if (!span) return;
    this.#spans.delete(work);
    span.setAttributes(attributes);
    if (attributes['error.type'] !== undefined) span.setStatus({ code: SpanStatusCode.ERROR });
    span.end();
    histogram.record((work.duration ?? 0) / 1000, measured, trace.setSpan(context.active(), span));
  }

  #networkOf({ as, association }: OperationTrace): Attributes {
    const { local, peer } = association.connection;
    return networkAttributes(as === 'invoked' ? this.#serverOf(association) : local, peer);
  }

  /** The peer, by the name with which it was requested. */
  #serverOf(association: Association): ServerAddress {
    const { peer } = association.connection;
    return association.role === 'requestor' ? (this.#established.get(association)?.server ?? peer) : peer;
  }
}

function serverOf({ address, port }: ServerAddress): Attributes {
  return {
    ...(address !== undefined && { 'server.address': address }),
    ...(port !== undefined && { 'server.port': port }),
  };
}
