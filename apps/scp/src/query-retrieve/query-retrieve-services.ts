// The Query/Retrieve services of both information models.

import type { Logger } from '@x/cli/logger';
import {
  DimseError,
  describeStatus,
  type HandlerContext,
  type Handlers,
  patientRoot,
  performGet,
  performMove,
  type Query,
  type RetrievableInstance,
  type Service,
  Status,
  type StoreOutcome,
  serve,
  studyRoot,
  type UntypedDataSet,
} from '@x/dimse';
import { createDecompressor, type DataSetTranscoder } from '@x/dimse/transcode';
import type { UpperLayerConnection } from '@x/net';
import type { InstanceArchive } from '../instances/instance-archive.ts';
import type { StudyUse } from '../instances/study-needs.ts';
import { involve } from '../involved-objects.ts';
import type { WatchOwnConnection } from '../observer.ts';
import type { Options } from '../options.ts';
import { namedPeer } from '../peers.ts';
import { isUnavailable } from '../shared-database/shared-database-error.ts';
import { findQuery, type Root, retrieveQuery, supportsKey } from './archive-query.ts';
import { RetrievalPlaces } from './retrieval-places.ts';

/** The services of both information models. */
export function queryRetrieveServices(
  options: Options,
  instances: InstanceArchive,
  watch: WatchOwnConnection,
  logger: Logger,
): Service[] {
  const places = new RetrievalPlaces();
  // Its threads do not keep the process alive.
  const transcoder = options.decompress ? createDecompressor() : undefined;
  return [
    queryRetrieveService(patientRoot, 'PATIENT', options, instances, places, transcoder, watch, logger),
    queryRetrieveService(studyRoot, 'STUDY', options, instances, places, transcoder, watch, logger),
  ];
}

function queryRetrieveService(
  model: typeof patientRoot | typeof studyRoot,
  root: Root,
  options: Options,
  instances: InstanceArchive,
  places: RetrievalPlaces,
  transcoder: DataSetTranscoder | undefined,
  watch: WatchOwnConnection,
  logger: Logger,
): Service {
  const { aet: aeTitle, window } = options;
  const logged =
    ({ session }: HandlerContext) =>
    ({ result, sopInstance, status, sentTransferSyntax, reason = '' }: StoreOutcome) => {
      if (sentTransferSyntax !== undefined)
        logger.debug(
          { event: 'retrieve', association: session.association.id, sopInstance, sentTransferSyntax },
          `instance ${sopInstance} was sent decompressed`,
        );
      if (result !== 'failed') return;
      const line = { event: 'retrieve', association: session.association.id, sopInstance, status };
      logger.warn(line, `instance ${sopInstance} could not be sent: ${reason}`);
    };
  const concluded = (what: string, performed: Performed, { session }: HandlerContext) =>
    logConclusion(what, performed, logger.child({ event: 'retrieve', association: session.association.id }));
  const handlers: Handlers<typeof studyRoot> = {
    find({ query }, { signal }) {
      requireComplete(instances, Status.OutOfResources);
      return orOutOfResources(entities(instances, query, signal), Status.OutOfResources);
    },
    async *get({ identifier }, context) {
      requireComplete(instances, CANNOT_COUNT_MATCHES);
      const use = instances.needs.beginUse();
      const performed = performGet(retrievable(instances, root, identifier, context, use), context, {
        ...(await totalOf(instances, root, identifier, context)),
        ...(transcoder && { transcoder }),
        onSubOperation: logged(context),
      });
      try {
        return yield* concluded('C-GET', performed, context);
      } finally {
        use.end();
      }
    },
    async *move({ identifier, destination: title }, context) {
      requireComplete(instances, CANNOT_PERFORM_SUB_OPERATIONS);
      const destination = (wanted: string) => {
        const peer = namedPeer(options, wanted);
        const { association } = context.session;
        return peer && { ...peer, onConnection: (connection: UpperLayerConnection) => watch(connection, association) };
      };
      const total = await totalOf(instances, root, identifier, context);
      const moving = { window, ...total, ...(transcoder && { transcoder }), onSubOperation: logged(context) };
      const use = instances.needs.beginUse();
      const performed = performMove(
        retrievable(instances, root, identifier, context, use),
        title,
        destination,
        context,
        moving,
      );
      const giveBack = await places.take(title, context.signal);
      try {
        return yield* concluded(`C-MOVE to ${title}`, performed, context);
      } finally {
        use.end();
        giveBack();
      }
    },
  };
  const answering = { supports: supportsKey, isMatched: true, relational: true, retrieveAeTitle: aeTitle };
  return serve(model as typeof studyRoot, handlers, answering);
}

type Performed = ReturnType<typeof performMove>;

/** Passes the responses on, and logs the last one. */
async function* logConclusion(what: string, performed: Performed, log: Logger): Performed {
  try {
    const answer = yield* performed;
    const { status = Status.Success, completed = 0, failed = 0, errorComment } = answer;
    const words = `${what}: ${describeStatus(status)}, ${completed} sent, ${failed} failed`;
    const line = { status, completed, failed };
    if (failed === 0) log.info(line, words);
    else log.warn(line, errorComment === undefined ? words : `${words}: ${errorComment}`);
    return answer;
  } catch (error) {
    log.warn({ status: (error as { status?: number }).status }, `${what}: ${(error as Error).message}`);
    throw error;
  }
}

/** The entities that match: the index has compared all keys. */
async function* entities(
  { index }: InstanceArchive,
  query: Query,
  signal: AbortSignal,
): AsyncGenerator<UntypedDataSet, void, undefined> {
  for await (const entity of index.find(findQuery(query), signal)) yield { ...entity, InstanceAvailability: 'ONLINE' };
}

/** Out of resources: statuses of C-GET and C-MOVE (PS3.4 §C.4.2.1.5). */
const CANNOT_COUNT_MATCHES = 0xa701;
const CANNOT_PERFORM_SUB_OPERATIONS = 0xa702;

/** @throws DimseError with this status and the progress of the comparison, while the index may lack instances */
function requireComplete({ incompleteness }: InstanceArchive, status: number): void {
  if (incompleteness !== undefined) throw new DimseError(status, { errorComment: incompleteness });
}

/** Passes values on. @throws DimseError with this status if the index cannot be used now; other errors as they are */
async function* orOutOfResources<T>(values: AsyncIterable<T>, status: number): AsyncGenerator<T, void, undefined> {
  try {
    yield* values;
  } catch (error) {
    throw outOfResources(error, status);
  }
}

function outOfResources(error: unknown, status: number): unknown {
  return isUnavailable(error)
    ? new DimseError(status, { errorComment: 'the index cannot be used now', cause: error })
    : error;
}

/** Retrievals of more instances do not hold all of them in memory. */
const MAXIMUM_HELD_INSTANCES = 10_000;

/** The number of instances that an identifier requests, if they are to be taken from the index one by one. */
async function totalOf(
  instances: InstanceArchive,
  root: Root,
  identifier: UntypedDataSet,
  { signal }: HandlerContext,
): Promise<{ readonly total?: number }> {
  const query = retrieveQuery(root, identifier);
  let total: number;
  try {
    total = await instances.index.countInstances(query, signal);
  } catch (error) {
    throw outOfResources(error, CANNOT_COUNT_MATCHES);
  }
  return total > MAXIMUM_HELD_INSTANCES ? { total } : {};
}

/** The instances that an identifier requests, each opened when it is to be sent. */
async function* retrievable(
  instances: InstanceArchive,
  root: Root,
  identifier: UntypedDataSet,
  context: HandlerContext,
  use: StudyUse,
): AsyncGenerator<RetrievableInstance> {
  const { signal } = context;
  const found = instances.index.instances(retrieveQuery(root, identifier), signal);
  for await (const instance of orOutOfResources(found, CANNOT_PERFORM_SUB_OPERATIONS)) {
    const { sopClass, sopInstance, transferSyntax } = instance;
    involve(context, instance.study);
    use.add(instance.study);
    yield {
      sopClass,
      sopInstance,
      transferSyntax,
      openedAhead: instances.openedAhead,
      open: async (buffer) => {
        const file = await instances.open(instance, buffer);
        return { source: file.source, close: () => file.close() };
      },
    };
  }
}
