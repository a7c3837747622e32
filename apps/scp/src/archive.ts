// The archive: an SCP with its services, its policy of admission and its logs.

import { logConnection, logMessages } from '@x/cli/conversation';
import type { Logger } from '@x/cli/logger';
import { createScp, describeStatus, type Scp, type Service, Status, serve, storage, verification } from '@x/dimse';
import {
  type AssociationRequest,
  describeReject,
  type Rejection,
  RejectResult,
  RejectSource,
  UserRejectReason,
} from '@x/net';
import type { InstanceArchive } from './instance-archive.ts';
import type { Options } from './options.ts';

export function createArchive(options: Options, instances: InstanceArchive, logger: Logger): Scp {
  const scp = createScp({
    aeTitle: options.aet,
    services: services(instances, logger),
    accept: (request) => admission(request, options, logger),
    asynchronousOperations: { invoked: options.window, performed: options.window },
    maximumAssociations: options.maxAssociations,
    maximumLength: options.maxPdu,
    timeouts: { artim: options.artimTimeout },
    onConnection: (connection) => {
      logConnection(connection, logger);
      void connection.closed.then(({ how, by, error }) => {
        const line = { event: 'association', association: connection.id, type: how, by };
        if (how === 'released') logger.info({ ...line, summary: 'released' }, 'association released');
        else if (error) logger.warn({ ...line, summary: error.message }, error.message);
      });
    },
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
    session.on('handlerError', (error) =>
      logger.error({ association: association.id, err: error }, `a request failed: ${String(error)}`),
    );
  });
  return scp;
}

function services(instances: InstanceArchive, logger: Logger): Service[] {
  return [
    serve(verification, { echo: () => Status.Success }),
    serve(
      storage,
      {
        async store({ sopClass, sopInstance, transferSyntax, data }, { callingAeTitle, session }) {
          const log = logger.child({ association: session.association.id });
          try {
            const kept = await instances.keep(
              { sopClass, sopInstance, transferSyntax, sourceAeTitle: callingAeTitle },
              data,
            );
            const { study, series, length, isDuplicate } = kept;
            const words = isDuplicate ? 'was here already' : `stored, ${length} bytes`;
            const line = { event: 'stored', sopInstance, study, series, length, isDuplicate };
            log.debug(line, `instance ${sopInstance} ${words}`);
            return Status.Success;
          } catch (error) {
            const status = (error as { status?: number }).status ?? Status.ProcessingFailure;
            const why = error instanceof Error ? error.message : String(error);
            log.warn(
              { event: 'refused', sopInstance, status },
              `instance ${JSON.stringify(sopInstance)}: ${describeStatus(status)}: ${why}`,
            );
            throw error;
          }
        },
      },
      // What is no other service's is taken for an instance: an archive must not lose what it does not know.
      { otherSopClasses: (uid) => !KNOWN_OTHERS.test(uid) },
    ),
  ];
}

/**
 * UIDs of the standard that are not instances to be stored: services, query models, meta SOP classes. Instances have
 * arcs of their own, where protocol approvals and inventories have query models, too; some retired ones have not.
 */
const KNOWN_OTHERS = new RegExp(
  [
    String.raw`^1\.2\.840\.10008\.(?!5\.1\.4\.(?:1\.1|38\.1|39\.1|43\.1|44\.1|45\.1)(?:\.|$)`,
    String.raw`5\.1\.1\.(?:27|29|30)$|5\.1\.4\.34\.1$)`,
  ].join('|') + String.raw`|^1\.2\.840\.10008\.5\.1\.4\.1\.1\.(?:200\.[456]|201\.[2-6])$`,
);

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
