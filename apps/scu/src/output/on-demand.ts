// Packages that few runs of dimse-scu use, loaded when they are first used: loading them takes longer than the rest.

import { createRequire } from 'node:module';
import { lazily } from '@x/pdu/internal';

const require = createRequire(import.meta.url);

export const cliProgress = lazily(() => require('cli-progress') as typeof import('cli-progress'));
export const columnify = lazily(() => require('columnify') as typeof import('columnify'));
