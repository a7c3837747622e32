// Query/Retrieve of both roots, as the archive provides it.

import {
  type DataSet,
  type HandlerContext,
  patientRoot,
  performGet,
  performMove,
  type RetrievableInstance,
  type Service,
  Status,
  serve,
  studyRoot,
} from '@x/dimse';
import {
  type Association,
  answerFlags,
  decodeQueryOptions,
  type ExtendedNegotiation,
  encodeQueryOptions,
  type UpperLayerConnection,
} from '@x/net';
import { findQuery, foundEntity, type QueryOptions, type Root, retrieveQuery } from './archive-query.ts';
import type { InstanceArchive } from './instance-archive.ts';
import type { Options } from './options.ts';
import { namedPeer } from './peers.ts';

/** Told of each connection that a C-MOVE opens, and on which association it came. */
export type WatchSubAssociation = (parent: Association, connection: UpperLayerConnection) => void;

/** The services of both information models. */
export function queryRetrieveServices(
  options: Options,
  instances: InstanceArchive,
  watch: WatchSubAssociation,
): Service[] {
  return [
    queryRetrieveService(patientRoot, 'PATIENT', options, instances, watch),
    queryRetrieveService(studyRoot, 'STUDY', options, instances, watch),
  ];
}

function queryRetrieveService(
  model: typeof patientRoot | typeof studyRoot,
  root: Root,
  options: Options,
  instances: InstanceArchive,
  watch: WatchSubAssociation,
): Service {
  const { aet: aeTitle, window } = options;
  return serve(model as typeof studyRoot, {
    async *find({ identifier: asked, sopClass }, context) {
      const query = findQuery(root, asked, negotiatedOptions(context, sopClass));
      for await (const entity of instances.index.find(query, context.signal)) {
        const { identifier, isComplete } = foundEntity(entity, query, asked, aeTitle);
        yield { identifier, status: isComplete ? Status.Pending : Status.PendingWithWarning };
      }
    },
    async *get({ identifier }, context) {
      return yield* performGet(retrievable(instances, root, identifier, context), context);
    },
    async *move({ identifier, destination: title }, context) {
      const destination = (wanted: string) => {
        const peer = namedPeer(options, wanted);
        const { association } = context.session;
        return peer && { ...peer, onConnection: (connection: UpperLayerConnection) => watch(association, connection) };
      };
      return yield* performMove(retrievable(instances, root, identifier, context), title, destination, context, {
        window,
      });
    },
  });
}

/** Of what a peer proposes for its queries, what we do. */
export function negotiateQueries({ sopClassUid, applicationInformation }: ExtendedNegotiation): Uint8Array | undefined {
  const isFind = [patientRoot, studyRoot].some(({ sopClasses }) => sopClasses.Find.uid === sopClassUid);
  return isFind ? answerFlags(applicationInformation, SUPPORTED_OPTIONS) : undefined;
}

const SUPPORTED_OPTIONS = encodeQueryOptions({ relational: true, combinedDateTime: true, fuzzy: true });

function negotiatedOptions({ session }: HandlerContext, sopClass: string): QueryOptions {
  const { accepted } = session.association.extendedNegotiations.get(sopClass) ?? {};
  if (!accepted) return {};
  const { relational, combinedDateTime, fuzzy } = decodeQueryOptions(accepted);
  return { relational, combinedDateTime, fuzzy };
}

/** The instances an identifier asks for, opened when their turn comes. */
async function* retrievable(
  instances: InstanceArchive,
  root: Root,
  identifier: DataSet,
  { signal }: HandlerContext,
): AsyncGenerator<RetrievableInstance> {
  for await (const instance of instances.index.instances(retrieveQuery(root, identifier), signal)) {
    const { sopClass, sopInstance, transferSyntax } = instance;
    yield {
      sopClass,
      sopInstance,
      transferSyntax,
      open: async (buffer) => {
        const file = await instances.open(instance, buffer);
        return { source: file.source, close: () => file.close() };
      },
    };
  }
}
