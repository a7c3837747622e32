// The archive: an SCP with its services, its policy of admission and its logs.

import { logConnection, logMessages } from '@x/cli/conversation';
import type { Logger } from '@x/cli/logger';
import { tlsServerOptions } from '@x/cli/tls-options';
import {
  createScp,
  type Scp,
  type ScpOptions,
  type Service,
  type Session,
  Status,
  serve,
  storage,
  verification,
} from '@x/dimse';
import {
  type Association,
  type AssociationRequest,
  describeReject,
  type Rejection,
  RejectResult,
  RejectSource,
  type UpperLayerConnection,
  UserRejectReason,
} from '@x/net';
import type { InstanceArchive } from './instance-archive.ts';
import { instanceAvailabilityService } from './instance-availability-service.ts';
import type { Options } from './options.ts';
import { performedProcedureStepService } from './performed-procedure-step-service.ts';
import { negotiateQueries, queryRetrieveServices } from './query-retrieve-services.ts';
import { storageService } from './storage-service.ts';
import { isUser } from './users.ts';
import type { Workflow } from './workflow.ts';
import { negotiateWorklist, worklistService } from './worklist-service.ts';

/** Who watches what happens. */
export interface Observer {
  connection?(connection: UpperLayerConnection): void;
  session?(session: Session): void;
  /** A connection of ours, for a C-MOVE on an association of a peer's. */
  subAssociation?(parent: Association, connection: UpperLayerConnection): void;
}

/** What the archive is, for whoever runs it or describes it. @throws UsageError for files that cannot be read. */
export function archiveOptions(
  options: Options,
  instances: InstanceArchive,
  workflow: Workflow,
  logger: Logger,
  observers: readonly Observer[] = [],
): ScpOptions {
  const tls = tlsServerOptions(options);
  return {
    aeTitle: options.aet,
    services: services(options, instances, workflow, logger, observers),
    // To answer C-GET, on the associations of others.
    calls: [storage],
    extendedNegotiation: (proposed) => negotiateQueries(proposed) ?? negotiateWorklist(proposed),
    accept: (request) => admission(request, options, logger),
    asynchronousOperations: { invoked: options.window, performed: options.window },
    maximumAssociations: options.maxAssociations,
    maximumLength: options.maxPdu,
    timeouts: { artim: options.artimTimeout, idle: options.idleTimeout },
    ...(tls && { tls }),
    ...(options.users !== undefined && { verifyIdentity: identityVerifier(options, logger) }),
  };
}

/** @throws the system's error for keys and certificates that are none. */
export function createArchive(options: ScpOptions, logger: Logger, observers: readonly Observer[] = []): Scp {
  const scp = createScp({
    ...options,
    onConnection: (connection) => {
      logConnection(connection, logger);
      for (const observer of observers) observer.connection?.(connection);
      void connection.closed.then(({ how, by, error }) => {
        const line = { event: 'association', association: connection.id, type: how, by };
        if (how === 'released') logger.info({ ...line, summary: 'released' }, 'association released');
        else if (error) logger.warn({ ...line, summary: error.message }, error.message);
      });
    },
  });
  // Those that came to be a connection are logged by it.
  scp.on('failed', (error, connection) => {
    if (!connection) logger.warn({ event: 'connection', type: 'failed' }, String((error as Error).message));
  });
  scp.on('session', (session) => {
    const { association } = session;
    const { callingAeTitle, calledAeTitle, peer } = association;
    const accepted = `${association.contexts.size} of ${association.request.presentationContexts.length} contexts`;
    const summary = `${callingAeTitle} → ${calledAeTitle}, ${accepted}`;
    const from = peer.address ? ` from ${peer.address}` : '';
    const line = { event: 'association', association: association.id, type: 'accepted', summary };
    logger.info(line, `association accepted: ${summary}${from}`);
    logMessages(session, logger);
    for (const observer of observers) observer.session?.(session);
    session.on('handlerError', (error) =>
      logger.error({ association: association.id, err: error }, `a request failed: ${String(error)}`),
    );
  });
  return scp;
}

function services(
  options: Options,
  instances: InstanceArchive,
  workflow: Workflow,
  logger: Logger,
  observers: readonly Observer[],
): Service[] {
  const watchSubAssociation = (parent: Association, connection: UpperLayerConnection) => {
    logConnection(connection, logger);
    for (const observer of observers) observer.subAssociation?.(parent, connection);
  };
  return [
    serve(verification, { echo: () => Status.Success }),
    ...queryRetrieveServices(options, instances, watchSubAssociation),
    performedProcedureStepService(options, workflow, logger),
    workflow.commitment.service,
    instanceAvailabilityService(workflow, logger),
    workflow.workItems.service,
    workflow.printer.service,
    ...(workflow.worklist ? [worklistService(workflow.worklist)] : []),
    // The last one: what is no other service's is taken for an instance.
    storageService(instances, logger),
  ];
}

/** Whoever is in the file of users may call; it is read again when the configuration is. */
function identityVerifier(options: Options, logger: Logger): NonNullable<ScpOptions['verifyIdentity']> {
  return async (identity, { callingAeTitle }) => {
    if (await isUser(options.users ?? new Map(), identity)) return true;
    const who = identity
      ? `a user identity of type ${identity.identityType} that is not known here`
      : 'no user identity';
    const summary = `${callingAeTitle} gave ${who}`;
    logger.warn({ event: 'association', type: 'rejected', summary }, `association rejected: ${summary}`);
    return false;
  };
}

function admission(request: AssociationRequest, options: Options, logger: Logger): true | Rejection {
  const rejection = refusal(request, options);
  if (!rejection) return true;
  const words = describeReject(rejection);
  const { callingAeTitle, calledAeTitle } = request;
  const summary = `${callingAeTitle} → ${calledAeTitle}: ${words}`;
  logger.warn({ event: 'association', type: 'rejected', summary }, `association rejected: ${summary}`);
  return rejection;
}

function refusal({ callingAeTitle, calledAeTitle }: AssociationRequest, options: Options): Rejection | undefined {
  const permanent = { result: RejectResult.Permanent, source: RejectSource.ServiceUser };
  if (!options.promiscuousCalled && calledAeTitle !== options.aet)
    return { ...permanent, reason: UserRejectReason.CalledAeTitleNotRecognized };
  if (options.acceptCalling && !options.acceptCalling.includes(callingAeTitle))
    return { ...permanent, reason: UserRejectReason.CallingAeTitleNotRecognized };
  return undefined;
}
