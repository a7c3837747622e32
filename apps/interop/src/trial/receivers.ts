// The other side of the archives: a destination of moves, and the AE titles that are told of commitments.

import {
  type CalledApplicationEntity,
  createScp,
  type Scp,
  type Service,
  Status,
  serve,
  storage,
  storageCommitment,
} from '@x/dimse';
import { hasDataOf } from './instances.ts';
import type { Records } from './records.ts';

export const DESTINATION = 'DEST';

/** Takes the reports of commitments, on whichever association they arrive. */
export function commitmentReports(records: Records): Service {
  return serve(
    storageCommitment,
    {
      async eventReport({ information }, { calledAeTitle, signal, session }) {
        await records.mayAnswer(calledAeTitle);
        // An answer does not arrive if the process that reports was killed, or if the association is being released.
        if (signal.aborted || session.association.state !== 'Sta6') return Status.ProcessingFailure;
        const committed = information?.ReferencedSOPSequence?.length ?? 0;
        const failed = information?.FailedSOPSequence?.length ?? 0;
        records.reported(String(information?.TransactionUID), { committed, failed });
        return Status.Success;
      },
    },
    { roles: { scu: false, scp: true } },
  );
}

/** @throws Error if a port cannot be had */
export async function startReceivers(aeTitles: readonly string[], records: Records): Promise<Scp & { port: number }> {
  const told: CalledApplicationEntity = { services: [commitmentReports(records)] };
  const destination: CalledApplicationEntity = {
    services: [
      serve(storage, {
        async store({ sopInstance, data }) {
          if (!(await hasDataOf(sopInstance, data))) records.fault(`${sopInstance} was moved with other data`);
          return Status.Success;
        },
      }),
    ],
  };
  const scp = createScp({
    applicationEntities: { [DESTINATION]: destination, ...Object.fromEntries(aeTitles.map((title) => [title, told])) },
  });
  const { port } = await scp.listen({ port: 0, host: '127.0.0.1' });
  return Object.assign(scp, { port });
}
