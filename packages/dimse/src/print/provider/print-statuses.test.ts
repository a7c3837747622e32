import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { sharedFolder } from '@x/testing/shared-files';
import { expect, test } from 'vitest';
import {
  createBox,
  createFilm,
  filled,
  gate,
  IMAGE,
  large,
  printBox,
  printSession,
  type RunningPrinter,
  setImage,
  startPrinter,
  statusOf,
} from '../../../test/running-printer.ts';
import { PRINTER_INSTANCE, printManagement } from '../../services/print-management.ts';
import type { Session } from '../../session/session.ts';
import type { PrintProviderOptions } from './print-provider-options.ts';

const { FilmBox, FilmSession, GrayscaleMeta, PrintJob, Printer } = printManagement.sopClasses;
/** One pixel per millimetre: the image box of a 24CMX30CM film has 240 by 300 pixels. */
const GEOMETRY = { pixelsPerMillimetre: 1, gap: 0, annotationHeight: 0 };
const PLAIN = { FilmSizeID: '24CMX30CM' };
/** A request that provokes a status, on a session with a printer of its own. */
interface Provocation {
  readonly provoke: (session: Session, printer: RunningPrinter) => Promise<{ readonly status: number }>;
  readonly printer?: Partial<PrintProviderOptions>;
  readonly sopClasses?: readonly string[];
  readonly after?: () => void;
}

const waiting = gate();
const SETTLED: Provocation['provoke'] = async (session) => printBox(await filled(session));

const PROVOCATIONS: Readonly<Record<string, Provocation>> = {
  '0000': { provoke: SETTLED },
  '0105': {
    provoke: async (session) => setImage(await createFilm(session), { BasicColorImageSequence: [IMAGE] }),
  },
  '0106': { provoke: (session) => createFilm(session, { ImageDisplayFormat: 'SLIDE' }) as never },
  '0107': {
    provoke: (session) =>
      session.use(printManagement).get({
        sopClass: Printer.uid,
        sopInstance: PRINTER_INSTANCE,
        attributeIdentifiers: [0x00100010],
      }),
  },
  '0110': {
    printer: {
      print: () => {
        throw new Error('on fire');
      },
    },
    provoke: SETTLED,
  },
  '0111': {
    provoke: async (session) => {
      const { client, boxUid } = await createFilm(session);
      const attributes = { ImageDisplayFormat: 'ROW\\1' };
      return client.create({ sopClass: FilmBox.uid, sopInstance: boxUid, attributes });
    },
  },
  '0112': {
    provoke: (session) => session.use(printManagement).delete({ sopClass: FilmBox.uid, sopInstance: '1.2.3' }),
  },
  '0116': {
    provoke: (session) =>
      session
        .use(printManagement)
        .create({ sopClass: FilmSession.uid, attributes: { NumberOfCopies: 0, PrintPriority: 'NOW' } }),
  },
  '0117': {
    provoke: (session) =>
      session.use(printManagement).create({ sopClass: FilmSession.uid, sopInstance: '1.02.3', attributes: {} }),
  },
  '0119': {
    provoke: async (session) => {
      const { client, sessionUid } = await createFilm(session);
      return client.delete({ sopClass: FilmBox.uid, sopInstance: sessionUid });
    },
  },
  '0120': {
    provoke: async (session) => setImage(await createFilm(session), { ImageBoxPosition: undefined }),
  },
  '0121': {
    provoke: async (session) => setImage(await createFilm(session), { ImageBoxPosition: null }),
  },
  '0123': {
    provoke: async (session) => {
      const { client, boxUid } = await createFilm(session);
      return client.action({ sopClass: FilmBox.uid, sopInstance: boxUid, actionType: 2 });
    },
  },
  '0211': {
    provoke: (session) => session.use(printManagement).get({ sopClass: FilmSession.uid, sopInstance: '1.2.3' }),
  },
  '0213': {
    provoke: async (session) => {
      await createFilm(session);
      return session.use(printManagement).create({ sopClass: FilmSession.uid });
    },
  },
  B600: {
    provoke: (session) =>
      session.use(printManagement).create({ sopClass: FilmSession.uid, attributes: { MemoryAllocation: 1024 } }),
  },
  B601: {
    provoke: async (session) => {
      const film = await filled(session, PLAIN, { NumberOfCopies: 2 });
      const second = { ...film, ...(await createBox(film.client)) };
      await setImage(second);
      return printSession(film);
    },
  },
  B602: { provoke: async (session) => printSession(await createFilm(session)) },
  B603: { provoke: async (session) => printBox(await createFilm(session)) },
  B604: {
    printer: { geometry: GEOMETRY },
    provoke: async (session) => setImage(await createFilm(session, PLAIN), {}, large(301)),
  },
  B605: {
    printer: { densities: { minimum: 20, maximum: 300 } },
    provoke: (session) =>
      createFilm(session, { MaxDensity: 400 }).then(({ boxStatus, boxAttributes }) => {
        expect(boxAttributes.MaxDensity).toBe(300);
        return { status: boxStatus };
      }),
  },
  B609: {
    printer: { geometry: GEOMETRY },
    provoke: async (session) =>
      setImage(await createFilm(session, PLAIN), { RequestedDecimateCropBehavior: 'CROP' }, large(301)),
  },
  B60A: {
    printer: { geometry: GEOMETRY },
    provoke: async (session) => {
      const film = await createFilm(session, PLAIN);
      const status = await statusOf(setImage(film, { RequestedDecimateCropBehavior: 'DECIMATE' }, large(301)));
      // The response to the order has it as well.
      expect(await statusOf(printBox(film))).toBe(status);
      return { status };
    },
  },
  C600: {
    provoke: async (session) => {
      const film = await createFilm(session);
      await film.client.delete({ sopClass: FilmBox.uid, sopInstance: film.boxUid });
      return printSession(film);
    },
  },
  C601: {
    printer: { maximumPrintJobs: 1, print: () => waiting.opened },
    sopClasses: [GrayscaleMeta.uid, PrintJob.uid],
    provoke: async (session) => {
      const film = await filled(session);
      await printSession(film);
      return printSession(film);
    },
    after: waiting.open,
  },
  C602: {
    printer: { maximumQueuedBytes: 100 },
    provoke: async (session) => printBox(await filled(session)),
  },
  C603: {
    printer: { geometry: GEOMETRY },
    provoke: async (session) =>
      setImage(await createFilm(session, PLAIN), { RequestedDecimateCropBehavior: 'FAIL' }, large(301)),
  },
  C605: {
    printer: { maximumImageBytes: 10_000 },
    provoke: async (session) => setImage(await createFilm(session), {}, large(101)),
  },
};

/** Statuses of the reference that this provider never returns, or that the session returns. */
const OTHERS: Readonly<Record<string, string>> = {
  '0113': "the user's answer to an event",
  '0114': 'orders have no arguments',
  '0115': 'orders have no arguments',
  '0118': 'returned as 0122H',
  '0122': 'returned by the session',
  '0124': 'every associated user may print',
  '0210': 'returned by the session',
  '0212': 'returned by the session',
  C613: 'combined print images are retired',
  C616: 'film sessions can be printed',
  FE00: 'there is no C-CANCEL of these operations',
};

test.each(Object.keys(PROVOCATIONS))('returns %sH', async (code) => {
  const { provoke, after, printer: options = {}, sopClasses = [GrayscaleMeta.uid] } = PROVOCATIONS[code] as Provocation;
  const printer = await startPrinter(options);
  const session = await printer.connect(sopClasses);
  expect(await statusOf(provoke(session, printer))).toBe(Number.parseInt(code, 16));
  session.abort();
  after?.();
  await printer[Symbol.asyncDispose]();
});

test.runIf(sharedFolder)('covers every status of print management', () => {
  const path = resolve(sharedFolder as string, '../reference/status-codes.json');
  const statuses: { code: string }[] = JSON.parse(readFileSync(path, 'utf8')).PRINT_JOB_MANAGEMENT_SERVICE_CLASS_STATUS;
  const known = [...Object.keys(PROVOCATIONS), ...Object.keys(OTHERS)];
  expect(known.sort()).toEqual(statuses.map(({ code }) => code).sort());
});
