// dimse-scu print: images of files on films, as many to a film as its layout holds.

import { peerText } from '@x/cli/peer';
import { ExitCode, UsageError } from '@x/cli/program';
import { DATA_SET_TRANSFER_SYNTAXES, describeStatus, printManagement, type Session } from '@x/dimse';
import { imageBoxPlaces, PrintJobMonitor, printFilm } from '@x/dimse/print';
import { type PrintedFrame, PrintedImages } from '../files/printed-images.ts';
import type { PrintOptions } from '../options/options.ts';
import { type Connecting, connect } from '../peer/connect.ts';
import { hex, Output } from '../results/output.ts';

type Printing = Connecting & { readonly options: PrintOptions };

export async function print(printing: Printing, paths: readonly string[]): Promise<number> {
  const { options, peer } = printing;
  const { layout, color, annotation } = options;
  const boxes = imageBoxPlaces(layout)?.length;
  if (boxes === undefined) throw new UsageError(`'${layout}' is no layout: STANDARD\\C,R or ROW\\… or COL\\…`);
  const images = new PrintedImages(color);
  // Before anybody is called: what cannot be printed is told at once.
  const frames = await framesOf(printing, images, paths);
  const monitor = new PrintJobMonitor({
    printerChanged: ({ status, info = '' }) => printing.logger.warn(`${peerText(peer)}: ${status}: ${info}`),
  });
  await using session = await connectToPrinter(printing, monitor);
  if (annotation !== undefined && !accepts(session, AnnotationBox.uid))
    throw new UsageError(`${peerText(peer)} takes no annotations: print without --annotation`);
  let hasFailed = false;
  for (let at = 0; at < frames.length; at += boxes) {
    const some: PrintedFrame[] = frames.slice(at, at + boxes);
    if (!(await printOne(printing, session, monitor, images, some))) hasFailed = true;
  }
  return hasFailed ? ExitCode.Failure : ExitCode.Success;
}

const { GrayscaleMeta, ColorMeta, AnnotationBox, PrintJob } = printManagement.sopClasses;
const LITTLE_ENDIAN = DATA_SET_TRANSFER_SYNTAXES.slice(0, 2);

/** The first frame of each file, or all of them. */
async function framesOf({ options, logger }: Printing, images: PrintedImages, paths: readonly string[]) {
  const frames: PrintedFrame[] = [];
  for (const path of paths) {
    const count = await images.frames(path);
    const printed = options.allFrames ? count : 1;
    if (count > printed)
      logger.warn(`${path} has ${count} frames: the first is printed (--all-frames prints them all)`);
    for (let frame = 0; frame < printed; frame++) frames.push({ path, frame });
  }
  return frames;
}

/** With print jobs, where the printer has them. */
function connectToPrinter(printing: Printing, monitor: PrintJobMonitor): Promise<Session> {
  const { color, annotation } = printing.options;
  const sopClasses = [
    color ? ColorMeta : GrayscaleMeta,
    PrintJob,
    ...(annotation === undefined ? [] : [AnnotationBox]),
  ];
  const contexts = sopClasses.map(({ uid }) => ({ abstractSyntax: uid, transferSyntaxes: LITTLE_ENDIAN }));
  return connect(printing, [printManagement], contexts, 1, [], [monitor.service]);
}

function accepts({ association }: Session, sopClass: string): boolean {
  return [...association.contexts.values()].some(({ abstractSyntax }) => abstractSyntax === sopClass);
}

/** Whether the film was printed, as far as the printer tells. */
async function printOne(
  { options, peer, signal }: Printing,
  session: Session,
  monitor: PrintJobMonitor,
  images: PrintedImages,
  frames: readonly PrintedFrame[],
): Promise<boolean> {
  const { layout, filmSize, orientation, copies, color, annotation, annotationFormat } = options;
  const items = [];
  for (const frame of frames) items.push(await images.item(frame));
  const { status, printJob } = await printFilm(
    session,
    {
      format: layout,
      images: items,
      isColor: color,
      filmSession: { NumberOfCopies: copies },
      filmBox: { FilmOrientation: orientation, FilmSizeID: filmSize },
      ...(annotation !== undefined && { annotations: { format: annotationFormat, texts: [annotation] } }),
    },
    { signal },
  );
  const words = `${peerText(peer)} answered: ${describeStatus(status, printManagement.statuses)}`;
  const output = new Output(options);
  const result = { status: hex(status), images: items.length };
  if (printJob === undefined) {
    output.result(`${words}: a film with ${items.length} images`, result);
    return true;
  }
  const { executionStatus, executionStatusInfo } = await monitor.ended(session, printJob, { signal });
  const end = executionStatus === 'DONE' ? 'is printed' : `could not be printed: ${executionStatusInfo}`;
  const line = `${words}: a film with ${items.length} images ${end}`;
  output.result(line, { ...result, printJob, executionStatus, executionStatusInfo });
  return executionStatus === 'DONE';
}
