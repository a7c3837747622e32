import { cpSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createLogger } from '@x/cli/logger';
import { createScp, openSession, printManagement, Status } from '@x/dimse';
import { type PrintedFilm, type PrintOrder, PrintUser } from '@x/dimse/print';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Options } from '../options.ts';
import { filmSpool } from './film-spool.ts';
import { folderPrinting, openVirtualPrinter } from './virtual-printer.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'spool-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const logger = createLogger({ verbosity: 0, format: 'json', quiet: true });
const IMAGE = {
  SamplesPerPixel: 1,
  PhotometricInterpretation: 'MONOCHROME2',
  Rows: 1,
  Columns: 2,
  BitsAllocated: 16,
  BitsStored: 12,
  HighBit: 11,
  PixelRepresentation: 0,
  PixelData: new Uint8Array([1, 2, 3, 4]),
};
const order = (sopInstance: string): PrintOrder => ({
  sopInstance,
  attributes: { PrintPriority: 'HIGH', Originator: 'CT01', FilmSessionLabel: 'Füße' },
  films: [
    {
      callingAeTitle: 'CT01',
      filmSession: { NumberOfCopies: 2 },
      filmBox: { ImageDisplayFormat: 'STANDARD\\2,1', FilmSizeID: '10CMX10CM', PresentationLUTShape: 'IDENTITY' },
      imageBoxes: [undefined, { ImageBoxPosition: 2, BasicGrayscaleImageSequence: [IMAGE] }],
      annotationBoxes: [{ AnnotationPosition: 0, TextString: '膝' }, undefined],
    },
    { callingAeTitle: 'CT01', filmSession: {}, filmBox: {}, imageBoxes: [undefined], annotationBoxes: [] },
  ],
});

async function waiting(): Promise<PrintOrder[]> {
  const orders: PrintOrder[] = [];
  for await (const each of filmSpool(folder, logger).waiting()) orders.push(each);
  return orders;
}

test('returns an order unchanged until it is removed', async () => {
  const spool = filmSpool(folder, logger);
  expect(await waiting()).toEqual([]);
  await spool.keep(order('1.2.3'));
  await spool.keep(order('1.2.4'));
  expect(await waiting()).toEqual([order('1.2.3'), order('1.2.4')]);
  await spool.remove('1.2.3');
  await spool.remove('1.2.3');
  expect((await waiting()).map(({ sopInstance }) => sopInstance)).toEqual(['1.2.4']);
});

test('ignores files that are not complete orders', async () => {
  writeFileSync(join(folder, '0.film'), 'what is this');
  writeFileSync(join(folder, '1.2.5.film.part'), 'a part');
  await filmSpool(folder, logger).keep(order('1.2.3'));
  expect((await waiting()).map(({ sopInstance }) => sopInstance)).toContain('1.2.3');
});

test('ignores links that lead nowhere, and orders under another name, which it could not remove', async () => {
  symlinkSync('nowhere', join(folder, '0.film'));
  await filmSpool(folder, logger).keep(order('1.2.3'));
  cpSync(join(folder, '1.2.3.film'), join(folder, '1.2.4.film'));
  expect(await waiting()).toEqual([order('1.2.3')]);
});

const open = () => openVirtualPrinter({ aet: 'PRINTER' } as Options, folderPrinting(folder, logger), logger);

test('prints the orders that an earlier process left', async () => {
  const films = join(folder, 'films');
  await filmSpool(join(films, 'spool'), logger).keep(order('1.2.3'));
  await using printer = open();
  await printer.close();
  expect(readdirSync(films).filter((name) => name.endsWith('.png'))).toHaveLength(2);
  expect(readdirSync(join(films, 'spool'))).toEqual([]);
  expect(printer.printerStatus).toEqual({ status: 'NORMAL' });
});

test('gives up an order that cannot be printed and continues', async () => {
  const spool = filmSpool(join(folder, 'films', 'spool'), logger);
  const [film] = order('1.2.3').films;
  const bad = { ImageBoxPosition: 2, BasicGrayscaleImageSequence: [{ ...IMAGE, Rows: 9 }] };
  await spool.keep({ ...order('1.2.3'), films: [{ ...film, imageBoxes: [bad] } as PrintedFilm] });
  await using printer = open();
  await printer.close();
  expect(readdirSync(join(folder, 'films', 'spool'))).toEqual([]);
  expect(printer.printerStatus).toEqual({ status: 'NORMAL' });
});

test('reports that it cannot write, in responses and in its state', async () => {
  writeFileSync(join(folder, 'films'), 'a file instead of a folder');
  await using printer = open();
  await using scp = createScp({ aeTitle: 'PRINTER', services: [printer.service] });
  const { port } = await scp.listen({ port: 0, host: '127.0.0.1' });
  const [abstractSyntax, transferSyntaxes] = [printManagement.sopClasses.GrayscaleMeta.uid, ['1.2.840.10008.1.2.1']];
  await using session = await openSession({
    host: '127.0.0.1',
    port,
    callingAeTitle: 'CT01',
    calledAeTitle: 'PRINTER',
    services: [printManagement],
    contexts: [{ abstractSyntax, transferSyntaxes }],
  });
  const film = { format: 'ROW\\1', images: [IMAGE] };
  const user = new PrintUser();
  await expect(user.printFilm(session, film)).rejects.toMatchObject({ status: Status.ProcessingFailure });
  expect(await user.printerStatus(session)).toMatchObject({
    PrinterStatus: 'FAILURE',
    PrinterStatusInfo: 'CHECK PRINTER',
  });
  rmSync(join(folder, 'films'));
  await user.printFilm(session, film);
  expect(await user.printerStatus(session)).toMatchObject({ PrinterStatus: 'NORMAL' });
});
