// A storage SCP that keeps each instance as a file: FOLDER/<study>/<SOP Instance UID>.dcm.

import { mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { createScp, DimseError, isUid, Status, serve, storage, verification, writeInstance } from '@x/dimse';
import { FileWriter, STUDY_INSTANCE_UID } from '@x/dimse/data-set';

const { FOLDER = 'instances', AE_TITLE = 'FOLDER', HOST = '127.0.0.1', PORT = '11112' } = process.env;
const folder = resolve(FOLDER);
mkdirSync(folder, { recursive: true });

const scp = createScp({
  aeTitle: AE_TITLE,
  maximumAssociations: 20,
  services: [
    serve(verification, { echo: () => Status.Success }),
    serve(storage, {
      async store({ sopClass, sopInstance, transferSyntax, data }, { callingAeTitle }) {
        // The UIDs come from the peer: they name files, so check them.
        if (!isUid(sopInstance)) return Status.InvalidSopInstance;
        const writer = new FileWriter(join(folder, `${crypto.randomUUID()}.part`));
        try {
          const instance = { sopClass, sopInstance, transferSyntax };
          const written = await writeInstance(writer, instance, data, { wanted: [STUDY_INSTANCE_UID] });
          const study = written.uids.get(STUDY_INSTANCE_UID) ?? '';
          if (!isUid(study))
            throw new DimseError(Status.DataSetDoesNotMatchSopClass, { errorComment: 'Study Instance UID is missing' });
          mkdirSync(join(folder, study), { recursive: true });
          // Success promises that the file survives a power failure.
          await writer.finish({ fsync: true });
          const isNew = writer.moveTo(join(folder, study, `${sopInstance}.dcm`));
          console.log(`${isNew ? 'stored' : 'had'} ${sopInstance} from ${callingAeTitle}: ${written.length} bytes`);
          return Status.Success;
        } catch (error) {
          await writer.discard();
          throw error;
        }
      },
    }),
  ],
});
const { port } = await scp.listen({ host: HOST, port: Number(PORT) });
console.log(`listening on ${HOST}:${port} as ${AE_TITLE}, storing to ${folder}`);
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => scp.close({ drain: 10_000 }));
