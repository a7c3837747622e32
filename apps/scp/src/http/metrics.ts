// The metrics of the archive, in the format of Prometheus.

import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { OperationTrace, Service, Session } from '@x/dimse';
import { AssociationAbortedError, describeAbort, describeReject, type Pdu, type UpperLayerConnection } from '@x/net';
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import { VERSION } from '../version.ts';
import { addArchiveMetrics } from './archive-metrics.ts';
import type { MeasuredArchive } from './measured-archive.ts';
import { OPERATION_ENDED } from './rates.ts';

export class Metrics implements Disposable {
  readonly #registry = new Registry();
  readonly #serviceNames: ReadonlyMap<string, string>;
  readonly #connections = new Set<UpperLayerConnection>();
  /** Bytes of connections that have ended. */
  readonly #ended = { received: 0, sent: 0 };
  readonly #operations: Counter;
  readonly #durations: Histogram;
  readonly #dataReceived: Counter;
  readonly #ends: Counter;
  readonly #rejections: Counter;
  readonly #aborts: Counter;
  readonly #statuses = new Vocabulary();
  readonly #reasons = new Vocabulary();
  readonly #operationEnded = (message: unknown) => this.#count(message as OperationTrace);

  constructor(archive: MeasuredArchive, services: readonly Service[]) {
    const registers = [this.#registry];
    this.#serviceNames = new Map(
      services.flatMap(({ serviceClass }) =>
        Object.values(serviceClass.sopClasses).map(({ uid }): [string, string] => [uid, serviceClass.name]),
      ),
    );
    collectDefaultMetrics({ register: this.#registry });
    this.#operations = new Counter({
      name: 'dimse_operations_total',
      help: 'DIMSE operations that ended, performed for peers or invoked by us, by the status of the final response',
      labelNames: ['operation', 'service', 'as', 'status'],
      registers,
    });
    this.#durations = new Histogram({
      name: 'dimse_operation_duration_seconds',
      help: 'From a request to its final response',
      labelNames: ['operation', 'service', 'as'],
      buckets: [0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1, 3, 10, 30, 100],
      registers,
    });
    this.#dataReceived = new Counter({
      name: 'dimse_data_received_bytes_total',
      help: 'Bytes of data sets in requests and responses of peers',
      labelNames: ['service'],
      registers,
    });
    this.#ends = new Counter({
      name: 'dimse_connections_ended_total',
      help: 'Connections that asked for an association, by how they ended',
      labelNames: ['how', 'by'],
      registers,
    });
    this.#rejections = new Counter({
      name: 'dimse_associations_rejected_total',
      help: 'Association requests of peers that were rejected',
      labelNames: ['reason'],
      registers,
    });
    this.#aborts = new Counter({
      name: 'dimse_aborts_total',
      help: 'A-ABORT PDUs sent and received',
      labelNames: ['direction', 'reason'],
      registers,
    });
    new Gauge({
      name: 'dimse_build_info',
      help: 'Always 1; the labels are the versions of dimse-scp and of Node.js',
      labelNames: ['version', 'node'],
      registers,
    }).set({ version: VERSION, node: process.versions.node }, 1);
    this.#addGauges(archive);
    subscribe(OPERATION_ENDED, this.#operationEnded);
  }

  /** The media type of `text`. */
  get contentType(): string {
    return this.#registry.contentType;
  }

  /** The response to a scrape. */
  text(): Promise<string> {
    return this.#registry.metrics();
  }

  connection(connection: UpperLayerConnection): void {
    this.#connections.add(connection);
    // Listening to every PDU of an association would cost time.
    const negotiated = (_direction: string, pdu: Pdu) => {
      if (pdu.type === 'A-ASSOCIATE-RJ') this.#rejections.inc({ reason: this.#reasons.word(describeReject(pdu)) });
      if (/^A-ASSOCIATE-(?:AC|RJ)$/.test(pdu.type)) connection.off('pdu', negotiated);
    };
    connection.on('pdu', negotiated);
    void connection.closed.then(({ how, by, error }) => {
      this.#connections.delete(connection);
      if (error instanceof AssociationAbortedError)
        this.#aborts.inc({
          direction: by === 'peer' ? 'received' : 'sent',
          reason: this.#reasons.word(describeAbort(error)),
        });
      this.#ended.received += connection.traffic.bytesReceived;
      this.#ended.sent += connection.traffic.bytesSent;
      this.#ends.inc({ how, by });
    });
  }

  session(session: Session): void {
    session.on('data', ({ command }, { length, last }) => {
      if (!last) return;
      const { affectedSopClassUid, requestedSopClassUid } = command;
      this.#dataReceived.inc({ service: this.#serviceOf(affectedSopClassUid ?? requestedSopClassUid) }, length);
    });
  }

  [Symbol.dispose](): void {
    unsubscribe(OPERATION_ENDED, this.#operationEnded);
  }

  #count({ operation: name, as, sopClass, status, duration = 0 }: OperationTrace): void {
    // Peers cannot make up more values of this label.
    const operation = OPERATIONS.has(name) ? name : 'other';
    const labels = { operation, as, service: this.#serviceOf(sopClass) };
    this.#operations.inc({ ...labels, status: this.#statuses.word(statusText(status)) });
    this.#durations.observe(labels, duration / 1000);
  }

  #serviceOf(sopClass: string | undefined): string {
    return (sopClass !== undefined && this.#serviceNames.get(sopClass)) || 'other';
  }

  #addGauges(archive: MeasuredArchive): void {
    const registers = [this.#registry];
    const connections = this.#connections;
    const ended = this.#ended;
    new Gauge({
      name: 'dimse_associations',
      help: 'Associations of peers, and connections that are to become one',
      labelNames: ['state'],
      registers,
      collect() {
        for (const [state, count] of Object.entries(archive.associations())) this.set({ state }, count);
      },
    });
    new Counter({
      name: 'dimse_network_bytes_total',
      help: 'Bytes of PDUs received from peers that called, and sent to them',
      labelNames: ['direction'],
      registers,
      collect() {
        let { received, sent } = ended;
        for (const { traffic } of connections) {
          received += traffic.bytesReceived;
          sent += traffic.bytesSent;
        }
        this.reset();
        this.inc({ direction: 'received' }, received);
        this.inc({ direction: 'sent' }, sent);
      },
    });
    new Gauge({
      name: 'dimse_send_queue_bytes',
      help: 'Bytes handed to connections that they have not sent yet',
      registers,
      collect() {
        this.set([...connections].reduce((sum, { bytesQueued }) => sum + bytesQueued, 0));
      },
    });
    addArchiveMetrics(this.#registry, archive);
  }
}

const OPERATIONS = new Set(
  ['C-STORE', 'C-FIND', 'C-GET', 'C-MOVE', 'C-ECHO'].concat([
    'N-EVENT-REPORT',
    'N-GET',
    'N-SET',
    'N-ACTION',
    'N-CREATE',
    'N-DELETE',
  ]),
);

function statusText(status: number | undefined): string {
  return status === undefined ? 'none' : status.toString(16).toUpperCase().padStart(4, '0');
}

/** Limits the number of values of a label, because peers can make up any number of them. */
class Vocabulary {
  readonly #known = new Set<string>();

  word(text: string): string {
    if (!this.#known.has(text)) {
      if (this.#known.size === MOST_WORDS) return 'other';
      this.#known.add(text);
    }
    return text;
  }
}

const MOST_WORDS = 100;
