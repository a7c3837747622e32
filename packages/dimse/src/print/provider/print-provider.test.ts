import { describe, expect, test } from 'vitest';
import {
  createBox,
  createFilm,
  filled,
  gate,
  large,
  printBox,
  setImage,
  startPrinter,
  statusOf,
} from '../../../test/running-printer.ts';
import type { UntypedDataSet } from '../../data-set/dataset.ts';
import { Status } from '../../message/status.ts';
import { printManagement } from '../../services/print-management.ts';
import type { PrintJobStore, PrintOrder } from './print-job.ts';

const {
  AnnotationBox,
  ColorImageBox,
  ColorMeta,
  FilmBox,
  FilmSession,
  GrayscaleImageBox,
  GrayscaleMeta,
  PresentationLut,
  PrintJob,
} = printManagement.sopClasses;
const ALL = [GrayscaleMeta, ColorMeta, AnnotationBox, PresentationLut, PrintJob].map(({ uid }) => uid);

describe('instances', () => {
  test('may be created without attributes and without a UID, as modalities do', async () => {
    await using printer = await startPrinter();
    await using session = await printer.connect();
    const { status, sopInstance } = await session.use(printManagement).create({ sopClass: FilmSession.uid });
    expect([status, sopInstance]).toEqual([Status.Success, expect.stringMatching(/^2\.25\.\d+$/)]);
  });

  test('of a film session are deleted with it, but not its print jobs', async () => {
    const { opened, open } = gate();
    await using printer = await startPrinter({ annotationFormats: { LABEL: 1 }, print: () => opened });
    await using session = await printer.connect([GrayscaleMeta.uid, AnnotationBox.uid, PrintJob.uid]);
    const film = await createFilm(session, { AnnotationDisplayFormatID: 'LABEL' });
    await setImage(film);
    await printBox(film);
    const { client, sessionUid, boxUid, imageBoxes, annotationBoxes } = film;
    expect(await statusOf(client.delete({ sopClass: FilmSession.uid, sopInstance: sessionUid }))).toBe(Status.Success);
    expect(printer.provider.filmSessions).toBe(0);
    const annotation = { sopClass: AnnotationBox.uid, sopInstance: annotationBoxes[0] ?? '' };
    const gone = [
      setImage(film),
      client.set({ sopClass: GrayscaleImageBox.uid, sopInstance: imageBoxes[0] ?? '', attributes: {} }),
      client.set({ ...annotation, attributes: { AnnotationPosition: 1 } }),
      client.set({ sopClass: FilmBox.uid, sopInstance: boxUid, attributes: {} }),
      client.delete({ sopClass: FilmSession.uid, sopInstance: sessionUid }),
    ];
    expect(await Promise.all(gone.map(statusOf))).toEqual(Array(5).fill(Status.NoSuchSopInstance));
    open();
    await printer.provider.close();
    expect(printer.films).toHaveLength(1);
  });

  test('of a film box are deleted with it', async () => {
    await using printer = await startPrinter();
    await using session = await printer.connect();
    const film = await filled(session);
    await film.client.delete({ sopClass: FilmBox.uid, sopInstance: film.boxUid });
    expect(await statusOf(setImage(film))).toBe(Status.NoSuchSopInstance);
    expect(printer.provider.filmSessions).toBe(1);
  });

  test.each(['release', 'abort'] as const)('end with their association, by %s', async (how) => {
    await using printer = await startPrinter();
    const [one, two] = [await printer.connect(), await printer.connect()];
    const { sessionUid } = await createFilm(one);
    const others = two.use(printManagement).delete({ sopClass: FilmSession.uid, sopInstance: sessionUid });
    expect(await statusOf(others)).toBe(Status.NoSuchSopInstance);
    await one[how]();
    await expect.poll(() => printer.provider.filmSessions).toBe(0);
    await two.release();
  });

  test('of Presentation LUTs can be deleted while a film uses them', async () => {
    await using printer = await startPrinter();
    await using session = await printer.connect([GrayscaleMeta.uid, PresentationLut.uid]);
    const client = session.use(printManagement);
    const lut = { sopClass: PresentationLut.uid, sopInstance: '1.2.3' };
    await client.create({ ...lut, attributes: { PresentationLUTShape: 'LIN OD' } });
    const reference = { ReferencedSOPClassUID: lut.sopClass, ReferencedSOPInstanceUID: lut.sopInstance };
    const film = await createFilm(session, { ReferencedPresentationLUTSequence: [reference] });
    await setImage(film, { ReferencedPresentationLUTSequence: [reference] });
    await client.delete(lut);
    await printBox(film);
    expect(printer.films[0]).toMatchObject({
      filmBox: { PresentationLUTShape: 'LIN OD' },
      imageBoxes: [{ PresentationLUTShape: 'LIN OD' }],
    });
    // Now the LUT does not exist.
    const again = setImage(film, { ReferencedPresentationLUTSequence: [reference] });
    expect(await statusOf(again)).toBe(Status.InvalidAttributeValue);
    // An empty reference removes the LUT; a table that was set directly is ignored.
    await setImage(film, { ReferencedPresentationLUTSequence: [] });
    await setImage(film, { PresentationLUTSequence: [{ LUTDescriptor: [1] }] });
    await printBox(film);
    expect(printer.films[1]?.imageBoxes[0]).toMatchObject({
      PresentationLUTShape: undefined,
      PresentationLUTSequence: undefined,
    });
  });

  test('keep attributes that are not set again, and lose an image that is removed', async () => {
    await using printer = await startPrinter();
    await using session = await printer.connect();
    const film = await filled(session);
    await setImage(film, { BasicGrayscaleImageSequence: undefined, Polarity: 'REVERSE' });
    await film.client.set({ sopClass: FilmBox.uid, sopInstance: film.boxUid, attributes: { Trim: 'YES' } });
    expect(await statusOf(printBox(film))).toBe(Status.Success);
    expect(printer.films[0]).toMatchObject({
      filmBox: { Trim: 'YES', ImageDisplayFormat: 'STANDARD\\1,1' },
      imageBoxes: [{ Polarity: 'REVERSE', BasicGrayscaleImageSequence: [{ Rows: 2 }] }],
    });
    await setImage(film, { BasicGrayscaleImageSequence: [] });
    expect(await statusOf(printBox(film))).toBe(0xb603);
  });

  test('reject changes that are not allowed', async () => {
    await using printer = await startPrinter();
    await using session = await printer.connect();
    const film = await createFilm(session);
    const { client, boxUid, imageBoxes, sessionUid } = film;
    const box = { sopClass: FilmBox.uid, sopInstance: boxUid };
    const statuses = [
      client.set({ ...box, attributes: { ImageDisplayFormat: 'ROW\\2' } }),
      client.set({ ...box, attributes: { FilmSizeID: 'HUGE' } }),
      client.set({
        sopClass: GrayscaleImageBox.uid,
        sopInstance: imageBoxes[0] ?? '',
        attributes: { ImageBoxPosition: 2 },
      }),
      client.set({ sopClass: FilmSession.uid, sopInstance: sessionUid, attributes: { NumberOfCopies: 3 } }),
      createBox(client, {
        ReferencedFilmSessionSequence: [{ ReferencedSOPClassUID: FilmSession.uid, ReferencedSOPInstanceUID: '9.9' }],
      }).then(({ boxStatus }) => ({ status: boxStatus })),
    ];
    expect(await Promise.all(statuses.map(statusOf))).toEqual([0x0106, 0x0116, 0x0106, 0, 0x0106]);
  });

  test('of image boxes have the kind of the meta SOP class of the film box', async () => {
    await using printer = await startPrinter();
    for (const [meta, sopClass] of [
      [GrayscaleMeta, GrayscaleImageBox],
      [ColorMeta, ColorImageBox],
    ] as const) {
      await using session = await printer.connect([meta.uid, AnnotationBox.uid]);
      const { boxAttributes } = await createFilm(session);
      expect(boxAttributes.ReferencedImageBoxSequence).toMatchObject([{ ReferencedSOPClassUID: sopClass.uid }]);
    }
  });
});

describe('annotation boxes', () => {
  test('are created as the format requires, if their SOP class was negotiated', async () => {
    await using printer = await startPrinter({ annotationFormats: { SIX: 6, LABEL: 1 } });
    await using session = await printer.connect(ALL);
    const label = await createFilm(session, { AnnotationDisplayFormatID: 'LABEL' });
    expect([label.boxStatus, label.annotationBoxes.length]).toEqual([Status.Success, 1]);
    const other = await createBox(label.client, { AnnotationDisplayFormatID: 'toString' });
    expect([other.boxStatus, other.annotationBoxes.length]).toEqual([Status.AttributeValueOutOfRange, 6]);
    expect((await createBox(label.client)).annotationBoxes).toEqual([]);
    const annotation = { sopClass: AnnotationBox.uid, sopInstance: label.annotationBoxes[0] ?? '' };
    const set = (attributes: UntypedDataSet) => statusOf(label.client.set({ ...annotation, attributes }));
    expect(await set({ TextString: 'KNEE' })).toBe(Status.MissingAttribute);
    expect(await set({ AnnotationPosition: 0, TextString: 'KNEE' })).toBe(Status.Success);
    await using without = await printer.connect();
    expect((await createFilm(without, { AnnotationDisplayFormatID: 'LABEL' })).annotationBoxes).toEqual([]);
  });
});

describe('limits', () => {
  test('apply to all instances of an association, and allow new ones after a deletion', async () => {
    await using printer = await startPrinter({ maximumFilmBoxes: 2, maximumImageBytes: 20_000 });
    await using session = await printer.connect([GrayscaleMeta.uid, PresentationLut.uid]);
    const film = await createFilm(session);
    const second = { ...film, ...(await createBox(film.client)) };
    expect(await statusOf(createBox(film.client).then(({ boxStatus }) => ({ status: boxStatus })))).toBe(0x0213);
    expect(await statusOf(setImage(film, {}, large(100)))).toBe(Status.Success);
    // Setting the same image again needs no more room.
    expect(await statusOf(setImage(film, {}, large(100)))).toBe(Status.Success);
    expect(await statusOf(setImage(second, {}, large(100)))).toBe(0xc605);
    const attributes = { FilmSessionLabel: 'x'.repeat(10_000) };
    const session2 = { sopClass: FilmSession.uid, sopInstance: film.sessionUid };
    expect(await statusOf(film.client.set({ ...session2, attributes }))).toBe(Status.ResourceLimitation);
    await film.client.delete({ sopClass: FilmBox.uid, sopInstance: film.boxUid });
    expect(await statusOf(setImage(second, {}, large(100)))).toBe(Status.Success);
    const lut = { sopClass: PresentationLut.uid, attributes: { PresentationLUTShape: 'IDENTITY' } };
    const statuses: number[] = [];
    for (let count = 0; count < 33; count++) statuses.push(await statusOf(film.client.create(lut)));
    expect([statuses[31], statuses[32]]).toEqual([Status.Success, Status.ResourceLimitation]);
  });

  test('allow an image to be longer than other data sets', async () => {
    await using printer = await startPrinter({ maximumDataSetLength: 18 * 1024 * 1024 });
    await using session = await printer.connect();
    const film = await createFilm(session);
    expect(await statusOf(setImage(film, {}, large(4200)))).toBe(Status.Success);
    expect(await statusOf(setImage(film, {}, large(4400)))).toBe(Status.ResourceLimitation);
  });
});

describe('a store of print jobs', () => {
  function storeOf(kept: Map<string, PrintOrder>, told: string[] = []): PrintJobStore {
    return {
      async keep(order) {
        told.push('kept');
        kept.set(order.sopInstance, order);
      },
      async remove(uid) {
        kept.delete(uid);
      },
      async *waiting() {
        yield* [...kept.values()];
      },
    };
  }

  test('keeps an order from before its response until it is printed', async () => {
    const { opened, open } = gate();
    const [kept, told] = [new Map<string, PrintOrder>(), [] as string[]];
    await using printer = await startPrinter({ store: storeOf(kept, told), print: () => opened });
    await using session = await printer.connect([GrayscaleMeta.uid, PrintJob.uid]);
    await printBox(await filled(session));
    expect([told, kept.size]).toEqual([['kept'], 1]);
    // A new process prints the orders that the previous one did not.
    await using other = await startPrinter({ store: storeOf(new Map(kept)) });
    await other.provider.close();
    expect(other.films).toMatchObject([{ callingAeTitle: 'ME', imageBoxes: [{ ImageBoxPosition: 1 }] }]);
    open();
    await printer.provider.close();
    expect(kept.size).toBe(0);
  });

  test('makes the order fail if the store fails', async () => {
    const failures: unknown[] = [];
    const store = { ...storeOf(new Map()), keep: () => Promise.reject(new Error('the disk is full')) };
    await using printer = await startPrinter({ store, onFailure: ({ error }) => failures.push(error) });
    await using session = await printer.connect([GrayscaleMeta.uid, PrintJob.uid]);
    const film = await filled(session);
    expect(await statusOf(printBox(film))).toBe(0xc602);
    await printer.provider.close();
    expect([printer.films, failures]).toEqual([[], [expect.objectContaining({ message: 'the disk is full' })]]);
  });

  test('is not used if the user waits for the film', async () => {
    const told: string[] = [];
    await using printer = await startPrinter({ store: storeOf(new Map(), told) });
    await using session = await printer.connect();
    await printBox(await filled(session));
    expect([told, printer.films.length]).toEqual([[], 1]);
  });
});
