// Packages that most runs of a command do not use, loaded when they are first used: loading them takes longer than the rest.

import { createRequire } from 'node:module';
import { lazily } from '@x/pdu/internal';

const require = createRequire(import.meta.url);

export const pino = lazily(() => require('pino') as typeof import('pino'));
export const yaml = lazily(() => require('yaml') as typeof import('yaml'));
