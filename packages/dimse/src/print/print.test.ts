import { describe, expect, test } from 'vitest';
import { gate, IMAGE, startPrinter } from '../../test/running-printer.ts';
import type { DataSet } from '../data-set/dataset.ts';
import { Status } from '../message/status.ts';
import { PRINTER_INSTANCE, printManagement } from '../services/print-management.ts';
import { printImageOf } from './film/print-image.ts';
import { PrintFault } from './provider/print-job.ts';
import { PrintUser } from './user/print-user.ts';

const { AnnotationBox, ColorMeta, FilmSession, GrayscaleImageBox, GrayscaleMeta, PresentationLut, PrintJob } =
  printManagement.sopClasses;
const COLOR_IMAGE: DataSet = {
  ...IMAGE,
  SamplesPerPixel: 3,
  PhotometricInterpretation: 'RGB',
  PlanarConfiguration: 1,
  PixelData: new Uint8Array(12),
};

const user = new PrintUser();

describe('a user', () => {
  test('prints a film with the requested attributes', async () => {
    await using printer = await startPrinter();
    await using session = await printer.connect();
    const { status, printJob } = await user.printFilm(session, {
      format: 'STANDARD\\2,1',
      images: [IMAGE, undefined],
      filmSession: { NumberOfCopies: 2 },
      filmBox: { FilmOrientation: 'LANDSCAPE' },
      imageBox: { Polarity: 'REVERSE' },
    });
    expect([status, printJob]).toEqual([Status.Success, undefined]);
    expect(printer.films).toMatchObject([
      {
        callingAeTitle: 'ME',
        filmSession: { NumberOfCopies: 2 },
        filmBox: { ImageDisplayFormat: 'STANDARD\\2,1', FilmOrientation: 'LANDSCAPE' },
        annotationBoxes: [],
      },
    ]);
    const [box, empty] = printer.films[0]?.imageBoxes ?? [];
    expect([printImageOf(box ?? {})?.pixels, box?.Polarity, empty]).toEqual([IMAGE.PixelData, 'REVERSE', undefined]);
    // The film session was deleted, so that another can be created.
    expect((await user.printFilm(session, { format: 'STANDARD\\1,1', images: [] })).status).toBe(0xb603);
  });

  test('prints color images', async () => {
    await using printer = await startPrinter();
    await using session = await printer.connect([ColorMeta.uid]);
    await user.printFilm(session, { format: 'STANDARD\\1,1', images: [COLOR_IMAGE], isColor: true });
    expect(printImageOf(printer.films[0]?.imageBoxes[0] ?? {})).toMatchObject({ isColor: true, isByPlane: true });
    const box = session.use(printManagement).set({ sopClass: GrayscaleImageBox.uid, sopInstance: '1', attributes: {} });
    await expect(box).rejects.toMatchObject({ name: 'NoContextError' });
    await expect(user.printFilm(session, { format: 'ROW\\1', images: [IMAGE] })).rejects.toThrow('for color images');
  });

  test('prints texts and uses a Presentation LUT', async () => {
    await using printer = await startPrinter({ annotationFormats: { LABEL: 2 } });
    await using session = await printer.connect([GrayscaleMeta.uid, AnnotationBox.uid, PresentationLut.uid]);
    const film = { format: 'ROW\\1', images: [IMAGE] };
    const { status } = await user.printFilm(session, {
      ...film,
      annotations: { format: 'LABEL', texts: [undefined, 'Ärztehaus 日本'] },
      presentationLut: { PresentationLUTShape: 'LIN OD' },
    });
    expect(status).toBe(Status.Success);
    expect(printer.films[0]).toMatchObject({
      filmBox: { AnnotationDisplayFormatID: 'LABEL', PresentationLUTShape: 'LIN OD' },
      annotationBoxes: [undefined, { AnnotationPosition: 2, TextString: 'Ärztehaus 日本' }],
    });
    const tooMany = user.printFilm(session, { ...film, annotations: { format: 'LABEL', texts: ['1', '2', '3'] } });
    await expect(tooMany).rejects.toThrow('3 texts for 2 boxes');
    await expect(user.printFilm(session, { ...film, images: [IMAGE, IMAGE] })).rejects.toThrow('2 images for 1 boxes');
    // No film session is left.
    expect(printer.provider.filmSessions).toBe(0);
  });

  test('reports the failure of the printer and leaves no film session behind', async () => {
    await using printer = await startPrinter({
      print: () => {
        throw new Error('no paper');
      },
    });
    await using session = await printer.connect();
    const film = user.printFilm(session, { format: 'ROW\\1', images: [IMAGE] });
    await expect(film).rejects.toMatchObject({ status: Status.ProcessingFailure });
    await session.use(printManagement).create({ sopClass: FilmSession.uid });
  });
});

describe('the printer', () => {
  test('returns its attributes, and warns of absent ones', async () => {
    await using printer = await startPrinter();
    await using session = await printer.connect();
    expect(await user.printerStatus(session)).toMatchObject({
      PrinterStatus: 'NORMAL',
      PrinterStatusInfo: 'NORMAL',
      PrinterName: 'VIRTUAL',
      DeviceSerialNumber: '',
    });
    const client = session.use(printManagement);
    const asked = { sopClass: printManagement.sopClasses.Printer.uid, sopInstance: PRINTER_INSTANCE };
    const some = await client.get({ ...asked, attributeIdentifiers: [0x21100010, 0x00100010] });
    expect(some).toMatchObject({ status: Status.AttributeListError, attributes: { PrinterStatus: 'NORMAL' } });
    expect(some.attributeIdentifiers).toEqual([0x00100010]);
    expect(Object.keys(some.attributes ?? {})).toEqual(['PrinterStatus']);
  });

  test('reports changes of its status to its users', async () => {
    await using printer = await startPrinter();
    const { opened: told, open: resolve } = gate();
    const statuses: unknown[] = [];
    const monitor = new PrintUser({
      onPrinterChange: (status) => {
        statuses.push(status);
        if (status.status === 'NORMAL') resolve();
      },
    });
    await using session = await printer.connect([GrayscaleMeta.uid], [monitor.service]);
    printer.provider.changePrinterStatus({ status: 'WARNING', info: 'SUPPLY LOW' });
    expect(await user.printerStatus(session)).toMatchObject({
      PrinterStatus: 'WARNING',
      PrinterStatusInfo: 'SUPPLY LOW',
    });
    printer.provider.changePrinterStatus({ status: 'WARNING', info: 'SUPPLY LOW' });
    printer.provider.changePrinterStatus({ status: 'FAILURE', info: 'SUPPLY EMPTY' });
    printer.provider.changePrinterStatus({ status: 'NORMAL' });
    await told;
    // If the status changes again before it is reported, only the latest is.
    expect(statuses.at(0)).toEqual({ status: 'FAILURE', info: 'SUPPLY EMPTY' });
    expect(statuses.at(-1)).toEqual({ status: 'NORMAL', info: 'NORMAL' });
  });
});

describe('print jobs', () => {
  const FOLLOWED = [GrayscaleMeta.uid, PrintJob.uid];
  const FILM = { format: 'ROW\\1', images: [IMAGE], filmSession: { FilmSessionLabel: 'KNEE', PrintPriority: 'HIGH' } };

  test('are followed to their end by events, which come after the response to the order', async () => {
    const { opened: mayPrint, open: print } = gate();
    await using printer = await startPrinter({ print: () => mayPrint });
    const states: unknown[] = [];
    const monitor = new PrintUser({ onJobChange: (uid, state) => states.push([uid, state.executionStatus]) });
    await using session = await printer.connect(FOLLOWED, [monitor.service]);
    const messages: string[] = [];
    session.on('message', (_, { command }) => messages.push(command.commandField.toString(16)));
    const { printJob = '' } = await user.printFilm(session, FILM);
    const job = { sopClass: PrintJob.uid, sopInstance: printJob };
    const { attributes } = await session.use(printManagement).get(job);
    expect(attributes).toMatchObject({
      PrintPriority: 'HIGH',
      PrinterName: 'VIRTUAL',
      Originator: 'ME',
      CreationDate: expect.stringMatching(/^20\d{6}$/),
      CreationTime: expect.stringMatching(/^\d{6}$/),
      ExecutionStatus: 'PRINTING',
    });
    expect(printer.films).toEqual([]);
    print();
    expect(await monitor.jobEnded(session, printJob)).toEqual({
      executionStatus: 'DONE',
      executionStatusInfo: 'NORMAL',
    });
    expect(states).toEqual(['PENDING', 'PRINTING', 'DONE'].map((state) => [printJob, state]));
    // N-ACTION-RSP, then N-EVENT-REPORT-RQ.
    expect(messages.indexOf('8130')).toBeLessThan(messages.indexOf('100'));
    // The user has confirmed the end, so that the job no longer exists (§H.4.5.2.1.2).
    const asked = () => session.use(printManagement).get(job);
    await expect.poll(() => asked().catch(({ status }) => status)).toBe(Status.NoSuchSopInstance);
  });

  test('are printed even if their association has ended, and can be queried on another one', async () => {
    const { opened: mayPrint, open: print } = gate();
    await using printer = await startPrinter({ print: () => mayPrint });
    const session = await printer.connect(FOLLOWED, [new PrintUser().service]);
    const { printJob = '' } = await user.printFilm(session, FILM);
    session.abort();
    await session.ended;
    print();
    await using other = await printer.connect(FOLLOWED);
    const ended = await user.jobEnded(other, printJob, { interval: 10 });
    expect(ended.executionStatus).toBe('DONE');
    expect(printer.films).toHaveLength(1);
  });

  test('report the reason for their failure', async () => {
    await using printer = await startPrinter({
      print: () => {
        throw new PrintFault('SUPPLY EMPTY', 'there is no film left');
      },
    });
    const monitor = new PrintUser();
    await using session = await printer.connect(FOLLOWED, [monitor.service]);
    const { printJob = '' } = await user.printFilm(session, FILM);
    const ended = await monitor.jobEnded(session, printJob);
    expect(ended).toEqual({ executionStatus: 'FAILURE', executionStatusInfo: 'SUPPLY EMPTY' });
  });

  test('are awaited until a timeout or an abort', async () => {
    const { opened: mayPrint, open: print } = gate();
    await using printer = await startPrinter({ print: () => mayPrint });
    const monitor = new PrintUser();
    await using session = await printer.connect(FOLLOWED, [monitor.service]);
    const { printJob = '' } = await user.printFilm(session, FILM);
    const late = monitor.jobEnded(session, printJob, { timeout: 20, interval: 5 });
    await expect(late).rejects.toMatchObject({ name: 'TimeoutError', waitingFor: 'printJob' });
    const givenUp = monitor.jobEnded(session, printJob, { signal: AbortSignal.abort(new Error('enough')) });
    await expect(givenUp).rejects.toThrow('enough');
    const unknown = monitor.jobEnded(session, '1.2.3', { interval: 1 });
    await expect(unknown).rejects.toMatchObject({ status: Status.NoSuchSopInstance });
    print();
  });

  test('are printed by priority', async () => {
    const { opened: mayPrint, open: print } = gate();
    await using printer = await startPrinter({ print: () => mayPrint });
    const monitor = new PrintUser();
    await using session = await printer.connect(FOLLOWED, [monitor.service]);
    for (const PrintPriority of ['LOW', 'LOW', 'MED', 'HIGH']) {
      await user.printFilm(session, { ...FILM, filmSession: { PrintPriority } });
    }
    print();
    await printer.provider.close();
    // The first one was already being printed when the others were ordered.
    expect(printer.films.map(({ filmSession }) => filmSession.PrintPriority)).toEqual(['LOW', 'HIGH', 'MED', 'LOW']);
  });

  test('reject an unknown event type', async () => {
    await using printer = await startPrinter();
    const monitor = new PrintUser();
    await using session = await printer.connect(FOLLOWED, [monitor.service]);
    expect(session.isReusable).toBe(true);
    const { eventReport } = monitor.service.handlers as Record<string, (request: object) => unknown>;
    const job = { sopClass: PrintJob.uid, sopInstance: '1.2' };
    expect(() => eventReport?.({ ...job, eventType: 5 })).toThrow('no such event type');
  });
});
