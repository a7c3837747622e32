// The verdict at the end of the trial: every archive is asked for everything that was acknowledged.

import { openSession, type Session, Status, serve, storage, studyRoot } from '@x/dimse';
import { CT_IMAGE_STORAGE, EXPLICIT_VR_LITTLE_ENDIAN } from '@x/testing/data-sets';
import { ARCHIVE, type Archive, type Cluster } from './cluster.ts';
import { hasDataOf } from './instances.ts';
import type { Records } from './records.ts';
import { sopInstancesFound } from './users.ts';

export interface Verdict {
  readonly acknowledged: number;
  /** Of those that were acknowledged, the number that every archive finds. */
  readonly found: number;
  /** Acknowledged, but not found by an archive, or not given by C-GET. */
  readonly lost: readonly string[];
  /** Found more than once by an archive. */
  readonly doubled: readonly string[];
  /** Given by C-GET with other data. */
  readonly damaged: readonly string[];
  /** Found, but not acknowledged: their answers did not arrive. */
  readonly unacknowledged: number;
  readonly commitments: { readonly accepted: number; readonly unreported: number; readonly repeated: number };
}

export async function judge(cluster: Cluster, records: Records): Promise<Verdict> {
  const [lost, doubled, damaged] = [new Set<string>(), new Set<string>(), new Set<string>()];
  const unacknowledged = new Set<string>();
  const given = new Set<string>();
  const perArchive = cluster.archives.map(async (archive, index) => {
    await using session = await sessionWith(archive, (sopInstance, isIntact) => {
      given.add(sopInstance);
      if (!isIntact) damaged.add(sopInstance);
    });
    let count = 0;
    for (const [study, acknowledged] of records.acknowledged) {
      const found = await sopInstancesFound(session, study);
      const known = new Set(found);
      for (const uid of acknowledged) if (!known.has(uid)) lost.add(uid);
      for (const uid of known) if (!acknowledged.has(uid)) unacknowledged.add(uid);
      for (const [position, uid] of found.entries()) if (found.indexOf(uid) !== position) doubled.add(uid);
      // Each study is retrieved from one of them.
      if (count++ % cluster.archives.length !== index) continue;
      const identifier = { QueryRetrieveLevel: 'STUDY', StudyInstanceUID: study };
      await session.use(studyRoot).get({ identifier }).final;
      for (const uid of acknowledged) if (!given.has(uid)) lost.add(uid);
    }
  });
  await Promise.all(perArchive);
  const accepted = [...records.commitments.values()].filter(({ isAccepted }) => isAccepted);
  return {
    acknowledged: records.instances,
    found: records.instances - lost.size,
    ...{ lost: [...lost], doubled: [...doubled], damaged: [...damaged], unacknowledged: unacknowledged.size },
    commitments: {
      accepted: accepted.length,
      unreported: accepted.filter(({ reports }) => reports.length === 0).length,
      repeated: [...records.commitments.values()].filter(({ reports }) => reports.length > 1).length,
    },
  };
}

/** From an address that is not the balancer's, so that the archive does not expect a PROXY header. */
function sessionWith({ port }: Archive, arrived: (sopInstance: string, isIntact: boolean) => void): Promise<Session> {
  const receiving = serve(storage, {
    async store({ sopInstance, data }) {
      arrived(sopInstance, await hasDataOf(sopInstance, data));
      return Status.Success;
    },
  });
  const { Find, Get } = studyRoot.sopClasses;
  const transferSyntaxes = [EXPLICIT_VR_LITTLE_ENDIAN];
  return openSession({
    ...{ host: '127.0.0.1', port, localAddress: '127.0.0.2', callingAeTitle: 'JUDGE', calledAeTitle: ARCHIVE },
    services: [studyRoot],
    serves: [receiving],
    contexts: [
      ...[Find.uid, Get.uid].map((abstractSyntax) => ({ abstractSyntax, transferSyntaxes })),
      { abstractSyntax: CT_IMAGE_STORAGE, transferSyntaxes, roles: { scu: false, scp: true } },
    ],
  });
}
