// Query/Retrieve of both roots, as the archive provides it.

import { patientRoot, type Service, Status, serve, studyRoot } from '@x/dimse';
import type { ArchiveIndex } from './archive-index/archive-index.ts';
import { findQuery, foundEntity, type Root } from './archive-query.ts';

/** The services of both information models. */
export function queryRetrieveServices(aeTitle: string, index: ArchiveIndex): Service[] {
  return [
    queryRetrieveService(patientRoot, 'PATIENT', aeTitle, index),
    queryRetrieveService(studyRoot, 'STUDY', aeTitle, index),
  ];
}

function queryRetrieveService(
  model: typeof patientRoot | typeof studyRoot,
  root: Root,
  aeTitle: string,
  index: ArchiveIndex,
): Service {
  return serve(model as typeof studyRoot, {
    async *find({ identifier: asked }) {
      const query = findQuery(root, asked);
      for await (const entity of index.find(query)) {
        const { identifier, isComplete } = foundEntity(entity, query, asked, aeTitle);
        yield { identifier, status: isComplete ? Status.Pending : Status.PendingWithWarning };
      }
    },
  });
}
