// The studies that retrievals use in the processes of one archive, so that none of them deletes a study in the middle of one.

import type { Claims } from '../shared-database/claims.ts';
import type { SharedStudyUses } from './study-needs.ts';

/** Each use is a claim of its process, which runs out if the process is gone. */
export function sharedStudyUses(claims: Claims): SharedStudyUses {
  const nameOf = (study: string) => `${prefixOf(study)}${claims.process}`;
  return {
    async begin(study) {
      await claims.acquire(nameOf(study));
    },
    async end(study) {
      await claims.release(nameOf(study));
    },
    isUsed: (study) => claims.isAnyClaimed(prefixOf(study)),
  };
}

/** UIDs have no spaces. */
const prefixOf = (study: string) => `retrieval ${study} `;
