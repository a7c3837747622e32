import { createLogger } from '@x/cli/logger';
import { createScp, openSession, printManagement } from '@x/dimse';
import { PrintUser } from '@x/dimse/print';
import { testPostgres } from '@x/testing/services';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type SharingProcess, type SharingProcesses, sharingProcesses } from '../../test/sharing-processes.ts';
import { wireTo } from '../../test/test-database.ts';
import type { Options } from '../options.ts';
import { openSharedPrinting } from './shared-printing.ts';
import { openVirtualPrinter } from './virtual-printer.ts';

const server = await testPostgres();
const logger = createLogger({ verbosity: 0, format: 'json', quiet: true });
const IMAGE = {
  SamplesPerPixel: 1,
  PhotometricInterpretation: 'MONOCHROME2',
  Rows: 8,
  Columns: 8,
  BitsAllocated: 8,
  BitsStored: 8,
  HighBit: 7,
  PixelRepresentation: 0,
  PixelData: [Buffer.alloc(64, 0x40)],
};
const box = { ImageBoxPosition: 1, BasicGrayscaleImageSequence: [IMAGE] };
const film = {
  callingAeTitle: 'CT01',
  filmSession: { PrintPriority: 'HIGH' },
  filmBox: { ImageDisplayFormat: 'STANDARD\\1,1' },
  imageBoxes: [box],
  annotationBoxes: [],
};
const order = (sopInstance: string) => ({ sopInstance, attributes: { PrintPriority: 'HIGH' }, films: [film, film] });

describe.skipIf(server === undefined)('printing in a shared database', () => {
  let processes: SharingProcesses;
  beforeEach(() => {
    processes = sharingProcesses(server ?? '');
  });
  afterEach(async () => {
    await processes[Symbol.asyncDispose]();
  });

  const open = async ({ database, claims }: SharingProcess) => {
    const printing = await openSharedPrinting(database, claims);
    return { ...printing, printer: openVirtualPrinter({ aet: 'PRINTER' } as Options, printing, logger) };
  };

  test('shows the films of every process', async () => {
    const [one, other] = [await open(await processes.start()), await open(await processes.start())];
    await using scp = createScp({ aeTitle: 'PRINTER', services: [one.printer.service] });
    const { port } = await scp.listen({ port: 0, host: '127.0.0.1' });
    const peer = { host: '127.0.0.1', port, callingAeTitle: 'CT01', calledAeTitle: 'PRINTER' };
    const contexts = [
      { abstractSyntax: printManagement.sopClasses.GrayscaleMeta.uid, transferSyntaxes: ['1.2.840.10008.1.2.1'] },
    ];
    await using session = await openSession({ ...peer, services: [printManagement], contexts });
    await new PrintUser().printFilm(session, { format: 'ROW\\1', images: [IMAGE] });
    const [name = ''] = await other.films.latest(10);
    expect(
      Buffer.from((await other.films.picture(name)) ?? [])
        .subarray(1, 4)
        .toString(),
    ).toBe('PNG');
    expect(await other.films.picture('another.png')).toBeUndefined();
  });

  test('leaves an order to the process that took it, and to another one after its end; each film is printed once', async () => {
    const [first, second] = [await processes.start(), await processes.start()];
    const one = await openSharedPrinting(first.database, first.claims);
    const other = await open(second);
    for (const uid of ['1.2', '1.3']) await one.store.keep(order(uid));
    // The first film of the first order is printed when the process ends.
    await one.films.add({ printJob: '1.2', number: 1 }, '{}', async () => Buffer.from('first'));
    other.printer.takeOver();
    await other.printer.close();
    expect(await other.films.latest(10)).toEqual(['1.2-1.png']);
    await first[Symbol.asyncDispose]();
    const third = await open(await processes.start());
    await third.printer.close();
    expect(await third.films.latest(10)).toEqual(['1.3-2.png', '1.3-1.png', '1.2-2.png', '1.2-1.png']);
    expect(Buffer.from((await third.films.picture('1.2-1.png')) ?? []).toString()).toBe('first');
    for await (const left of other.store.waiting()) expect(left).toBeUndefined();
  });

  test('gives an order to one of the processes that look for it at the same time', async () => {
    const lost = await processes.start();
    const { store } = await openSharedPrinting(lost.database, lost.claims);
    for (let number = 0; number < 10; number++) await store.keep(order(`1.${number}`));
    await lost[Symbol.asyncDispose]();
    const all = [await open(await processes.start()), await open(await processes.start())];
    for (const { printer } of all) await printer.close();
    expect((await all[0]?.films.latest(100))?.length).toBe(20);
  });

  test('gives up a film while the database cannot be used, and says so in its state', async () => {
    await using wire = await wireTo(processes.url);
    const { printer, store } = await open(await processes.start({ url: wire.url }));
    await using scp = createScp({ aeTitle: 'PRINTER', services: [printer.service] });
    const { port } = await scp.listen({ port: 0, host: '127.0.0.1' });
    const peer = { host: '127.0.0.1', port, callingAeTitle: 'CT01', calledAeTitle: 'PRINTER' };
    const contexts = [
      { abstractSyntax: printManagement.sopClasses.GrayscaleMeta.uid, transferSyntaxes: ['1.2.840.10008.1.2.1'] },
    ];
    await using session = await openSession({ ...peer, services: [printManagement], contexts });
    wire.cut();
    await expect(store.keep(order('1.2'))).rejects.toThrow();
    await expect(new PrintUser().printFilm(session, { format: 'ROW\\1', images: [IMAGE] })).rejects.toThrow();
    expect(printer.printerStatus).toMatchObject({ status: 'FAILURE' });
    wire.mend();
    await new PrintUser().printFilm(session, { format: 'ROW\\1', images: [IMAGE] });
    expect(printer.printerStatus).toMatchObject({ status: 'NORMAL' });
  });
});
