// The verbs of dimse-scu, in the order of the help.

import type { Verb } from './verb.ts';
import { commit } from './verbs/commit.ts';
import { completion } from './verbs/completion.ts';
import { doctor } from './verbs/doctor.ts';
import { dump } from './verbs/dump.ts';
import { echo } from './verbs/echo.ts';
import { find } from './verbs/find.ts';
import { mpps } from './verbs/mpps.ts';
import { peers } from './verbs/peers.ts';
import { print } from './verbs/print.ts';
import { replay } from './verbs/replay.ts';
import { get, move } from './verbs/retrieve.ts';
import { store } from './verbs/store.ts';
import { ups } from './verbs/ups.ts';
import { worklist } from './verbs/worklist.ts';

export const VERBS: readonly Verb[] = [
  echo,
  store,
  find,
  get,
  move,
  worklist,
  mpps,
  ups,
  print,
  commit,
  doctor,
  replay,
  dump,
  peers,
  completion,
];
