// The archive: an SCP with its services, its policy of admission and its logs.

import { logMessages } from '@x/cli/conversation';
import type { Logger } from '@x/cli/logger';
import { tlsServerOptions } from '@x/cli/tls-options';
import {
  createScp,
  type Scp,
  type ScpOfEntitiesOptions,
  type ScpOptions,
  type Service,
  Status,
  serve,
  storage,
  verification,
} from '@x/dimse';
import { type AssociationRequest, type Rejection, RejectResult, RejectSource, UserRejectReason } from '@x/net';
import { hasAnyRight, withRights } from './access-rights.ts';
import { logAssociation } from './association-log.ts';
import type { AuditLog } from './audit/audit-log.ts';
import type { InstanceArchive } from './instances/instance-archive.ts';
import { storageService } from './instances/storage-service.ts';
import { type Observer, watchOwnConnections } from './observer.ts';
import type { Options } from './options.ts';
import { queryRetrieveServices } from './query-retrieve/query-retrieve-services.ts';
import { isUser } from './users.ts';
import { instanceAvailabilityService } from './workflow/instance-availability-service.ts';
import { performedProcedureStepService } from './workflow/performed-procedure-step-service.ts';
import type { Workflow } from './workflow/workflow.ts';
import { worklistService } from './worklist/worklist-service.ts';

/** The options of the SCP, to run the archive or to describe it. @throws UsageError if a file cannot be read */
export function archiveOptions(
  options: Options,
  instances: InstanceArchive,
  workflow: Workflow,
  logger: Logger,
  observers: readonly Observer[] = [],
  audit?: AuditLog,
): ScpOptions {
  const tls = tlsServerOptions(options);
  return {
    aeTitle: options.aet,
    services: services(options, instances, workflow, logger, observers)
      .map((service) => (options.rights ? withRights(service, options.rights) : service))
      // Refusals are audited too.
      .map((service) => audit?.watch(service, options.aet) ?? service),
    // C-GET is answered by C-STORE on the association of the requestor.
    calls: [storage],
    accept: (request) => refusal(request, options) ?? true,
    asynchronousOperations: options.window,
    ...limits(options),
    maximumLength: options.maxPdu,
    ...(options.minimumRate !== undefined && { minimumRate: options.minimumRate }),
    timeouts: { artim: options.artimTimeout, idle: options.idleTimeout, data: options.dataTimeout },
    strict: options.strict,
    ...(tls && { tls }),
    ...(options.users !== undefined && { verifyIdentity: identityVerifier(options, logger) }),
  };
}

/** Half of all places at most for one peer, so that none can shut out the others. */
function limits(options: Options) {
  const { maxAssociations, maxAssociationsPerAet, maxAssociationsPerHost, maxConnectionsPerSecond, proxy } = options;
  const half = Math.ceil(maxAssociations / 2);
  return {
    maximumAssociations: maxAssociations,
    maximumAssociationsPerCallingAe: maxAssociationsPerAet ?? half,
    maximumAssociationsPerAddress: maxAssociationsPerHost ?? half,
    ...(maxConnectionsPerSecond !== undefined && { connectionsPerSecond: maxConnectionsPerSecond }),
    ...(proxy && { proxyProtocol: { from: proxy } }),
  };
}

/** Creates the SCP and logs what it does. @throws the system's error if a key or a certificate is not valid */
export function createArchive(
  options: ScpOptions | ScpOfEntitiesOptions,
  logger: Logger,
  observers: readonly Observer[] = [],
): Scp {
  const scp = createScp({
    ...options,
    onConnection: (connection) => {
      logAssociation(connection, logger);
      for (const observer of observers) observer.connection?.(connection);
    },
  });
  // A failure after the connection exists is logged by the connection.
  scp.on('failed', (error, connection) => {
    if (!connection) logger.warn({ event: 'connection', type: 'failed' }, String((error as Error).message));
  });
  scp.on('session', (session) => {
    const { association } = session;
    logMessages(session, logger);
    for (const observer of observers) observer.session?.(session);
    session.on('undecodable', (error) =>
      logger.warn(
        { event: 'undecodable', association: association.id },
        `a data set could not be decoded: ${(error as Error).message}`,
      ),
    );
    session.on('handlerError', (error) =>
      logger.error({ event: 'failed', association: association.id, err: error }, `a request failed: ${String(error)}`),
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
  return [
    serve(verification, { echo: () => Status.Success }),
    ...queryRetrieveServices(options, instances, watchOwnConnections(observers, logger), logger),
    performedProcedureStepService(options, workflow, logger),
    workflow.commitment.service,
    instanceAvailabilityService(workflow, logger),
    workflow.workItems.service,
    workflow.printer.service,
    ...(workflow.worklist ? [worklistService(workflow.worklist)] : []),
    // The last one: it accepts every SOP class that no other service has.
    storageService(instances, logger, options),
  ];
}

/** Accepts the identities in the file of users, which is read again when the configuration is reloaded. */
function identityVerifier(options: Options, logger: Logger): NonNullable<ScpOptions['verifyIdentity']> {
  return async (identity, { id: association, callingAeTitle }) => {
    if (await isUser(options.users ?? new Map(), identity)) return true;
    const who = identity
      ? `a user identity of type ${identity.identityType} that is not in the file of users`
      : 'no user identity';
    const summary = `${callingAeTitle} gave ${who}`;
    logger.warn({ event: 'association', association, type: 'identity', summary }, `user identity rejected: ${summary}`);
    return false;
  };
}

function refusal({ callingAeTitle, calledAeTitle }: AssociationRequest, options: Options): Rejection | undefined {
  const permanent = { result: RejectResult.Permanent, source: RejectSource.ServiceUser };
  if (!options.promiscuousCalled && calledAeTitle !== options.aet)
    return { ...permanent, reason: UserRejectReason.CalledAeTitleNotRecognized };
  const { acceptCalling, rights = {} } = options;
  if ((acceptCalling && !acceptCalling.includes(callingAeTitle)) || !hasAnyRight(rights, callingAeTitle))
    return { ...permanent, reason: UserRejectReason.CallingAeTitleNotRecognized };
  return undefined;
}
