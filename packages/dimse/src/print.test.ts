import fc from 'fast-check';
import { afterEach, describe, expect, test } from 'vitest';
import type { DataSet } from './dataset.ts';
import { imageBoxPlaces } from './film-layout.ts';
import { imageOf, type PrintedFilm, printProvider } from './print-provider.ts';
import { printerStatus, printFilm } from './print-user.ts';
import { createScp } from './scp.ts';
import { openSession } from './scu.ts';
import { PRINT_ACTION, printManagement } from './services/print-management.ts';
import type { Session } from './session.ts';
import { Status } from './status.ts';

describe('image display formats', () => {
  test.each([
    [
      'STANDARD\\2,1',
      [
        [0, 0, 0.5, 1],
        [0.5, 0, 0.5, 1],
      ],
    ],
    [
      'STANDARD\\1,2',
      [
        [0, 0, 1, 0.5],
        [0, 0.5, 1, 0.5],
      ],
    ],
    [
      'ROW\\1,2',
      [
        [0, 0, 1, 0.5],
        [0, 0.5, 0.5, 0.5],
        [0.5, 0.5, 0.5, 0.5],
      ],
    ],
    [
      'COL\\1,2',
      [
        [0, 0, 0.5, 1],
        [0.5, 0, 0.5, 0.5],
        [0.5, 0.5, 0.5, 0.5],
      ],
    ],
  ])('%s', (format, places) => {
    expect(imageBoxPlaces(format)?.map(({ x, y, width, height }) => [x, y, width, height])).toEqual(places);
  });

  test.each([
    '',
    'STANDARD',
    'STANDARD\\2',
    'STANDARD\\1,2,3',
    'STANDARD\\0,1',
    'STANDARD\\99,99',
    'SLIDE',
    'CUSTOM\\1',
    'ROW\\',
  ])('%j is none that is supported', (format) => expect(imageBoxPlaces(format)).toBeUndefined());

  test('boxes cover the film, and no two the same of it', () => {
    const counts = fc.array(fc.integer({ min: 1, max: 8 }), { minLength: 1, maxLength: 8 });
    fc.assert(
      fc.property(
        fc.constantFrom('ROW', 'COL'),
        counts,
        fc.double({ min: 0, max: 0.999, noNaN: true }),
        fc.double({ min: 0, max: 0.999, noNaN: true }),
        (kind, list, x, y) => {
          const places = imageBoxPlaces(`${kind}\\${list.join(',')}`) ?? [];
          expect(places).toHaveLength(list.reduce((sum, count) => sum + count, 0));
          const area = places.reduce((sum, { width, height }) => sum + width * height, 0);
          expect(area).toBeCloseTo(1);
          const at = places.filter(
            (place) => x >= place.x && x < place.x + place.width && y >= place.y && y < place.y + place.height,
          );
          // Borders are only as sharp as numbers are.
          expect(at.length).toBeGreaterThan(0);
          expect(at.length).toBeLessThan(3);
        },
      ),
    );
  });
});

const IMAGE: DataSet = {
  SamplesPerPixel: 1,
  PhotometricInterpretation: 'MONOCHROME2',
  Rows: 2,
  Columns: 2,
  BitsAllocated: 8,
  BitsStored: 8,
  HighBit: 7,
  PixelRepresentation: 0,
  PixelData: new Uint8Array([0, 80, 160, 255]),
};

describe('user and printer', () => {
  const closed: (() => Promise<unknown>)[] = [];
  afterEach(async () => {
    for (const close of closed.splice(0).reverse()) await close();
  });

  async function start(print: (film: PrintedFilm) => void = () => {}) {
    const films: PrintedFilm[] = [];
    const service = printProvider({
      print: (film) => {
        print(film);
        films.push(film);
      },
      printer: { PrinterName: 'VIRTUAL' },
      maximumFilmBoxes: 2,
    });
    const scp = createScp({ aeTitle: 'PRINTER', services: [service] });
    const { port } = await scp.listen({ port: 0, host: '127.0.0.1' });
    closed.push(() => scp.close());
    const connect = async (metas: readonly string[] = [GrayscaleMeta.uid]): Promise<Session> => {
      const session = await openSession({
        host: '127.0.0.1',
        port,
        callingAeTitle: 'ME',
        calledAeTitle: 'PRINTER',
        services: [printManagement],
        contexts: metas.map((abstractSyntax) => ({ abstractSyntax, transferSyntaxes: ['1.2.840.10008.1.2.1'] })),
      });
      closed.push(() => session.release().catch(() => session.abort()));
      return session;
    };
    return { films, connect };
  }
  const { FilmSession, FilmBox, GrayscaleImageBox, GrayscaleMeta, ColorMeta, ColorImageBox } =
    printManagement.sopClasses;

  test('a film is printed with what was asked for', async () => {
    const { films, connect } = await start();
    const session = await connect();
    const { status } = await printFilm(session, {
      format: 'STANDARD\\2,1',
      images: [IMAGE, undefined],
      filmSession: { NumberOfCopies: 2 },
      filmBox: { FilmOrientation: 'LANDSCAPE' },
    });
    expect(status).toBe(Status.Success);
    expect(films).toMatchObject([
      {
        callingAeTitle: 'ME',
        filmSession: { NumberOfCopies: 2 },
        filmBox: { ImageDisplayFormat: 'STANDARD\\2,1', FilmOrientation: 'LANDSCAPE' },
      },
    ]);
    const [box, empty] = films[0]?.imageBoxes ?? [];
    expect([imageOf(box ?? {})?.PixelData, empty]).toEqual([IMAGE.PixelData, undefined]);
    expect(await printerStatus(session)).toMatchObject({ PrinterStatus: 'NORMAL', PrinterName: 'VIRTUAL' });
    // The session was deleted: there is room for another.
    expect((await printFilm(session, { format: 'STANDARD\\1,1', images: [] })).status).toBe(0xb603);
  });

  test('colour films have boxes for colour images', async () => {
    const { films, connect } = await start();
    const session = await connect([ColorMeta.uid]);
    await printFilm(session, { format: 'STANDARD\\1,1', images: [{ ...IMAGE, SamplesPerPixel: 3 }], isColor: true });
    expect(imageOf(films[0]?.imageBoxes[0] ?? {})).toMatchObject({ SamplesPerPixel: 3 });
    const box = session.use(printManagement).set({ sopClass: GrayscaleImageBox.uid, sopInstance: '1', attributes: {} });
    await expect(box).rejects.toMatchObject({ name: 'NoContextError' });
    expect(ColorImageBox.uid).toMatch(/4\.1$/);
  });

  test('what cannot be is answered with its status, and prints nothing', async () => {
    const { films, connect } = await start();
    const session = await connect();
    const client = session.use(printManagement);
    const status = (call: Promise<{ status: number }>) =>
      call.then(
        (answer) => answer.status,
        (error) => error.status,
      );
    const boxFor = (attributes: DataSet) => status(client.create({ sopClass: FilmBox.uid, attributes }));
    expect(await boxFor({ ImageDisplayFormat: 'STANDARD\\1,1' })).toBe(Status.NoSuchSopInstance);
    expect(await status(client.create({ sopClass: FilmSession.uid, sopInstance: '1.1' }))).toBe(Status.Success);
    expect(await status(client.create({ sopClass: FilmSession.uid }))).toBe(Status.ResourceLimitation);
    const order = { sopClass: FilmSession.uid, sopInstance: '1.1', actionType: PRINT_ACTION };
    expect(await status(client.action(order))).toBe(0xc600);
    expect(await status(client.action({ ...order, actionType: 9 }))).toBe(Status.NoSuchActionType);
    expect(await boxFor({})).toBe(Status.MissingAttribute);
    expect(await boxFor({ ImageDisplayFormat: 'SLIDE' })).toBe(Status.InvalidAttributeValue);
    expect(await boxFor({ ImageDisplayFormat: 'ROW\\1' })).toBe(Status.Success);
    expect(await status(client.action(order))).toBe(0xb602);
    expect(await boxFor({ ImageDisplayFormat: 'ROW\\1' })).toBe(Status.Success);
    expect(await boxFor({ ImageDisplayFormat: 'ROW\\1' })).toBe(Status.ResourceLimitation);
    const image = { sopClass: GrayscaleImageBox.uid, sopInstance: '9.9', attributes: { ImageBoxPosition: 1 } };
    expect(await status(client.set(image))).toBe(Status.NoSuchSopInstance);
    expect(await status(client.delete({ sopClass: FilmBox.uid, sopInstance: '9.9' }))).toBe(Status.NoSuchSopInstance);
    expect(await status(client.delete({ sopClass: FilmSession.uid, sopInstance: '1.1' }))).toBe(Status.Success);
    expect(await status(client.delete({ sopClass: FilmSession.uid, sopInstance: '1.1' }))).toBe(
      Status.NoSuchSopInstance,
    );
    expect(films).toHaveLength(1);
  });

  test('an image stays until it is taken away, and the format until the end', async () => {
    const { films, connect } = await start();
    const client = (await connect()).use(printManagement);
    await client.create({ sopClass: FilmSession.uid, sopInstance: '1.1' });
    await client.create({ sopClass: FilmBox.uid, sopInstance: '1.2', attributes: { ImageDisplayFormat: 'ROW\\1' } });
    const film = { sopClass: FilmBox.uid, sopInstance: '1.2' };
    const reformed = client.set({ ...film, attributes: { ImageDisplayFormat: 'ROW\\2' } });
    await expect(reformed).rejects.toMatchObject({ status: Status.InvalidAttributeValue });
    await client.delete(film);
    const made = await client.create({ sopClass: FilmBox.uid, attributes: { ImageDisplayFormat: 'ROW\\1' } });
    const [reference] = (made.attributes?.ReferencedImageBoxSequence ?? []) as DataSet[];
    const box = { sopClass: GrayscaleImageBox.uid, sopInstance: String(reference?.ReferencedSOPInstanceUID) };
    await client.set({ ...box, attributes: { ImageBoxPosition: 1, BasicGrayscaleImageSequence: [IMAGE] } });
    await client.set({ ...box, attributes: { Polarity: 'REVERSE' } });
    const order = { sopClass: FilmBox.uid, sopInstance: made.sopInstance ?? '', actionType: PRINT_ACTION };
    expect((await client.action(order)).status).toBe(Status.Success);
    expect(films[0]?.imageBoxes[0]).toMatchObject({ Polarity: 'REVERSE', BasicGrayscaleImageSequence: [{ Rows: 2 }] });
    await client.set({ ...box, attributes: { BasicGrayscaleImageSequence: [] } });
    expect((await client.action(order)).status).toBe(0xb603);
  });

  test("a film session ends with its association, and is nobody else's", async () => {
    const { connect } = await start();
    const [one, two] = [await connect(), await connect()];
    await one.use(printManagement).create({ sopClass: FilmSession.uid, sopInstance: '1.1' });
    const others = two.use(printManagement).delete({ sopClass: FilmSession.uid, sopInstance: '1.1' });
    await expect(others).rejects.toMatchObject({ status: Status.NoSuchSopInstance });
    await one.release();
    const three = await connect();
    await three.use(printManagement).create({ sopClass: FilmSession.uid, sopInstance: '1.1' });
  });

  test('what the printer throws is the failure of the order', async () => {
    const { connect } = await start(() => {
      throw new Error('no paper');
    });
    const session = await connect();
    await expect(printFilm(session, { format: 'ROW\\1', images: [IMAGE] })).rejects.toMatchObject({ status: 0xc602 });
    // And leaves no session behind.
    await session.use(printManagement).create({ sopClass: FilmSession.uid });
  });
});
