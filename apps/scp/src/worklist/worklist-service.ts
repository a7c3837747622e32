// The Modality Worklist service (PS3.4 Annex K).

import { modalityWorklist, type Service, serve } from '@x/dimse';
import type { Worklist } from './worklist.ts';

export function worklistService(worklist: Worklist): Service {
  return serve(modalityWorklist, { find: (_, { calledAeTitle }) => worklist.itemsFor(calledAeTitle) });
}
