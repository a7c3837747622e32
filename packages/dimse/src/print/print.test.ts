import { describe, expect, test } from 'vitest';
import type { DataSet } from '../data-set/dataset.ts';
import { Status } from '../message/status.ts';
import { printManagement } from '../services/print-management.ts';
import { printImageOf } from './film/print-image.ts';
import { PrintFault } from './provider/print-job.ts';
import { gate, IMAGE, startPrinter } from './provider/running-printer.ts';
import { PrintJobMonitor } from './user/print-job-user.ts';
import { printerStatus, printFilm } from './user/print-user.ts';

const { AnnotationBox, ColorMeta, FilmSession, GrayscaleImageBox, GrayscaleMeta, PresentationLut, PrintJob } =
  printManagement.sopClasses;
const COLOR_IMAGE: DataSet = {
  ...IMAGE,
  SamplesPerPixel: 3,
  PhotometricInterpretation: 'RGB',
  PlanarConfiguration: 1,
  PixelData: new Uint8Array(12),
};

describe('printFilm', () => {
  test('prints a film with what was asked for', async () => {
    await using printer = await startPrinter();
    await using session = await printer.connect();
    const { status, printJob } = await printFilm(session, {
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
    // The session was deleted: there is room for another.
    expect((await printFilm(session, { format: 'STANDARD\\1,1', images: [] })).status).toBe(0xb603);
  });

  test('prints color images in boxes for such', async () => {
    await using printer = await startPrinter();
    await using session = await printer.connect([ColorMeta.uid]);
    await printFilm(session, { format: 'STANDARD\\1,1', images: [COLOR_IMAGE], isColor: true });
    expect(printImageOf(printer.films[0]?.imageBoxes[0] ?? {})).toMatchObject({ isColor: true, isByPlane: true });
    const box = session.use(printManagement).set({ sopClass: GrayscaleImageBox.uid, sopInstance: '1', attributes: {} });
    await expect(box).rejects.toMatchObject({ name: 'NoContextError' });
    await expect(printFilm(session, { format: 'ROW\\1', images: [IMAGE] })).rejects.toThrow('for color images');
  });

  test('writes texts on the film, and has a presentation LUT for it', async () => {
    await using printer = await startPrinter({ annotationFormats: { LABEL: 2 } });
    await using session = await printer.connect([GrayscaleMeta.uid, AnnotationBox.uid, PresentationLut.uid]);
    const film = { format: 'ROW\\1', images: [IMAGE] };
    const { status } = await printFilm(session, {
      ...film,
      annotations: { format: 'LABEL', texts: [undefined, 'Ärztehaus 日本'] },
      presentationLut: { PresentationLUTShape: 'LIN OD' },
    });
    expect(status).toBe(Status.Success);
    expect(printer.films[0]).toMatchObject({
      filmBox: { AnnotationDisplayFormatID: 'LABEL', PresentationLUTShape: 'LIN OD' },
      annotationBoxes: [undefined, { AnnotationPosition: 2, TextString: 'Ärztehaus 日本' }],
    });
    const tooMany = printFilm(session, { ...film, annotations: { format: 'LABEL', texts: ['1', '2', '3'] } });
    await expect(tooMany).rejects.toThrow('3 texts for 2 boxes');
    await expect(printFilm(session, { ...film, images: [IMAGE, IMAGE] })).rejects.toThrow('2 images for 1 boxes');
    // None of it is left over.
    expect(printer.provider.filmSessions).toBe(0);
  });

  test('fails as the printer does, and leaves no session behind', async () => {
    await using printer = await startPrinter({
      print: () => {
        throw new Error('no paper');
      },
    });
    await using session = await printer.connect();
    const film = printFilm(session, { format: 'ROW\\1', images: [IMAGE] });
    await expect(film).rejects.toMatchObject({ status: Status.ProcessingFailure });
    await session.use(printManagement).create({ sopClass: FilmSession.uid });
  });
});

describe('the printer', () => {
  test('tells of itself, and warns of what it does not know', async () => {
    await using printer = await startPrinter();
    await using session = await printer.connect();
    expect(await printerStatus(session)).toMatchObject({
      PrinterStatus: 'NORMAL',
      PrinterStatusInfo: 'NORMAL',
      PrinterName: 'VIRTUAL',
      DeviceSerialNumber: '',
    });
    const client = session.use(printManagement);
    const asked = { sopClass: printManagement.sopClasses.Printer.uid, sopInstance: '1.2.840.10008.5.1.1.17' };
    const some = await client.get({ ...asked, attributeIdentifiers: [0x21100010, 0x00100010] });
    expect(some).toMatchObject({ status: Status.AttributeListError, attributes: { PrinterStatus: 'NORMAL' } });
    expect(some.attributeIdentifiers).toEqual([0x00100010]);
    expect(Object.keys(some.attributes ?? {})).toEqual(['PrinterStatus']);
  });

  test('tells those who use it when its state changes, and only then', async () => {
    await using printer = await startPrinter();
    const { opened: told, open: resolve } = gate();
    const statuses: unknown[] = [];
    const monitor = new PrintJobMonitor({
      printerChanged: (status) => {
        statuses.push(status);
        if (status.status === 'NORMAL') resolve();
      },
    });
    await using session = await printer.connect([GrayscaleMeta.uid], [monitor.service]);
    printer.provider.changePrinterStatus({ status: 'WARNING', info: 'SUPPLY LOW' });
    expect(await printerStatus(session)).toMatchObject({ PrinterStatus: 'WARNING', PrinterStatusInfo: 'SUPPLY LOW' });
    printer.provider.changePrinterStatus({ status: 'WARNING', info: 'SUPPLY LOW' });
    printer.provider.changePrinterStatus({ status: 'FAILURE', info: 'SUPPLY EMPTY' });
    printer.provider.changePrinterStatus({ status: 'NORMAL' });
    await told;
    // Of what has changed again before it was told, the latest alone.
    expect(statuses.at(0)).toEqual({ status: 'FAILURE', info: 'SUPPLY EMPTY' });
    expect(statuses.at(-1)).toEqual({ status: 'NORMAL', info: 'NORMAL' });
  });
});

describe('print jobs', () => {
  const FOLLOWED = [GrayscaleMeta.uid, PrintJob.uid];
  const FILM = { format: 'ROW\\1', images: [IMAGE], filmSession: { FilmSessionLabel: 'KNEE', PrintPriority: 'HIGH' } };

  test('are followed to their end by events, which come after the answer to the order', async () => {
    const { opened: mayPrint, open: print } = gate();
    await using printer = await startPrinter({ print: () => mayPrint });
    const states: unknown[] = [];
    const monitor = new PrintJobMonitor({ jobChanged: (uid, state) => states.push([uid, state.executionStatus]) });
    await using session = await printer.connect(FOLLOWED, [monitor.service]);
    const messages: string[] = [];
    session.on('message', (_, { command }) => messages.push(command.commandField.toString(16)));
    const { printJob = '' } = await printFilm(session, FILM);
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
    expect(await monitor.ended(session, printJob)).toEqual({ executionStatus: 'DONE', executionStatusInfo: 'NORMAL' });
    expect(states).toEqual(['PENDING', 'PRINTING', 'DONE'].map((state) => [printJob, state]));
    // N-ACTION-RSP, then N-EVENT-REPORT-RQ.
    expect(messages.indexOf('8130')).toBeLessThan(messages.indexOf('100'));
    // The end was confirmed: the job is no more (§H.4.5.2.1.2).
    const asked = () => session.use(printManagement).get(job);
    await expect.poll(() => asked().catch(({ status }) => status)).toBe(Status.NoSuchSopInstance);
  });

  test('are printed even where their association has ended, and can be asked for on another', async () => {
    const { opened: mayPrint, open: print } = gate();
    await using printer = await startPrinter({ print: () => mayPrint });
    const session = await printer.connect(FOLLOWED, [new PrintJobMonitor().service]);
    const { printJob = '' } = await printFilm(session, FILM);
    session.abort();
    await session.ended;
    print();
    await using other = await printer.connect(FOLLOWED);
    const ended = await new PrintJobMonitor().ended(other, printJob, { interval: 10 });
    expect(ended.executionStatus).toBe('DONE');
    expect(printer.films).toHaveLength(1);
  });

  test('tell why they have failed', async () => {
    await using printer = await startPrinter({
      print: () => {
        throw new PrintFault('SUPPLY EMPTY', 'there is no film left');
      },
    });
    const monitor = new PrintJobMonitor();
    await using session = await printer.connect(FOLLOWED, [monitor.service]);
    const { printJob = '' } = await printFilm(session, FILM);
    const ended = await monitor.ended(session, printJob);
    expect(ended).toEqual({ executionStatus: 'FAILURE', executionStatusInfo: 'SUPPLY EMPTY' });
  });

  test('are waited for as long as one likes', async () => {
    const { opened: mayPrint, open: print } = gate();
    await using printer = await startPrinter({ print: () => mayPrint });
    const monitor = new PrintJobMonitor();
    await using session = await printer.connect(FOLLOWED, [monitor.service]);
    const { printJob = '' } = await printFilm(session, FILM);
    const late = monitor.ended(session, printJob, { timeout: 20, interval: 5 });
    await expect(late).rejects.toMatchObject({ name: 'TimeoutError', waitingFor: 'print job' });
    const givenUp = monitor.ended(session, printJob, { signal: AbortSignal.abort(new Error('enough')) });
    await expect(givenUp).rejects.toThrow('enough');
    const unknown = monitor.ended(session, '1.2.3', { interval: 1 });
    await expect(unknown).rejects.toMatchObject({ status: Status.NoSuchSopInstance });
    print();
  });

  test('of another priority come in another order', async () => {
    const { opened: mayPrint, open: print } = gate();
    await using printer = await startPrinter({ print: () => mayPrint });
    const monitor = new PrintJobMonitor();
    await using session = await printer.connect(FOLLOWED, [monitor.service]);
    for (const PrintPriority of ['LOW', 'LOW', 'MED', 'HIGH']) {
      await printFilm(session, { ...FILM, filmSession: { PrintPriority } });
    }
    print();
    await printer.provider.close();
    // The first one was being printed when the others came.
    expect(printer.films.map(({ filmSession }) => filmSession.PrintPriority)).toEqual(['LOW', 'HIGH', 'MED', 'LOW']);
  });

  test('answer events that no job has with 0113H', async () => {
    await using printer = await startPrinter();
    const monitor = new PrintJobMonitor();
    await using session = await printer.connect(FOLLOWED, [monitor.service]);
    expect(session.isReusable).toBe(true);
    const { eventReport } = monitor.service.handlers as Record<string, (request: object) => unknown>;
    const job = { sopClass: PrintJob.uid, sopInstance: '1.2' };
    expect(() => eventReport?.({ ...job, eventType: 5 })).toThrow('no such event type');
  });
});
