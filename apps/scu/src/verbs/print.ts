// dimse-scu print: prints the images of files on films, as many on a film as the layout holds.

import { integer, oneOf } from '@x/cli/option-values';
import { peerText } from '@x/cli/peer';
import { ExitCode, UsageError } from '@x/cli/program';
import { DATA_SET_TRANSFER_SYNTAXES, describeStatus, printManagement, type Session } from '@x/dimse';
import { imageBoxPlaces, PrintUser } from '@x/dimse/print';
import { type PrintedFrame, PrintedImages } from '../files/printed-images.ts';
import { argument, flag, option, type ValuesOf } from '../options/parameters.ts';
import { hex } from '../output/output.ts';
import { type Connecting, connect } from '../peer/connect.ts';
import { explainError } from '../peer/explain-error.ts';
import { peerVerb } from '../verb.ts';

const PARAMETERS = [
  argument('<file...>', 'DICOM files with images'),
  option('--layout <format>', 'STANDARD\\columns,rows, or ROW\\… or COL\\…', undefined, 'STANDARD\\1,1'),
  option('--film-size <size>', 'film size, for example 14INX17IN (default: that of the printer)'),
  option(
    '--orientation <orientation>',
    'PORTRAIT or LANDSCAPE (default: that of the printer)',
    oneOf('PORTRAIT', 'LANDSCAPE'),
  ),
  option('--copies <number>', 'number of copies of each film', integer(1, 99), 1),
  flag('--color', 'print in color, if the printer supports it'),
  flag('--all-frames', 'print every frame of a file as an image, not only the first'),
  option('--annotation <text>', 'print a text on each film'),
  option('--annotation-format <id>', 'annotation display format of the printer', undefined, 'LABEL'),
] as const;

type Printing = Connecting<ValuesOf<typeof PARAMETERS>>;

export const print = peerVerb({
  name: 'print',
  description: 'prints images of files on films',
  examples: ["PRINTER@10.0.0.8:104 one.dcm two.dcm --layout 'STANDARD\\2,1'"],
  parameters: PARAMETERS,
  run: printFiles,
});

async function printFiles(printing: Printing): Promise<number> {
  const { options, peer } = printing;
  const { file: paths, layout, color, annotation } = options;
  const boxes = imageBoxPlaces(layout)?.length;
  if (boxes === undefined)
    throw new UsageError(`'${layout}' is not a layout: use STANDARD\\columns,rows, ROW\\… or COL\\…`);
  const images = new PrintedImages(color);
  // Read before connecting: images that cannot be printed are reported at once.
  const { frames, unprintable } = await framesOf(printing, images, paths);
  const user = new PrintUser({
    onPrinterChange: ({ status, info = '' }) => printing.logger.warn(`${peerText(peer)}: ${status}: ${info}`),
  });
  await using session = await connectToPrinter(printing, user);
  if (annotation !== undefined && !accepts(session, AnnotationBox.uid))
    throw new UsageError(`${peerText(peer)} does not support annotations: print without --annotation`);
  let hasFailed = unprintable > 0;
  for (let at = 0; at < frames.length; at += boxes) {
    const some: PrintedFrame[] = frames.slice(at, at + boxes);
    if (!(await printOne(printing, session, user, images, some))) hasFailed = true;
  }
  return hasFailed ? ExitCode.Failure : ExitCode.Success;
}

const { GrayscaleMeta, ColorMeta, AnnotationBox, PrintJob } = printManagement.sopClasses;
const LITTLE_ENDIAN = DATA_SET_TRANSFER_SYNTAXES.slice(0, 2);

/**
 * The first frame of each file, or all of them. A file that cannot be printed is reported and left out.
 * @throws the error of the file if it is the only one
 */
async function framesOf({ options, output, logger }: Printing, images: PrintedImages, paths: readonly string[]) {
  const frames: PrintedFrame[] = [];
  const failures: { readonly file: string; readonly error: unknown }[] = [];
  for (const path of paths) {
    let count: number;
    try {
      count = await images.frames(path);
    } catch (error) {
      failures.push({ file: path, error });
      continue;
    }
    const printed = options.allFrames ? count : 1;
    if (count > printed)
      logger.warn(`${path} has ${count} frames; only the first is printed (--all-frames prints all)`);
    for (let frame = 0; frame < printed; frame++) frames.push({ path, frame });
  }
  if (frames.length === 0 && failures[0]) throw failures[0].error;
  for (const { file, error } of failures) {
    const reason = explainError(error).line;
    output.failure(`failed  ${reason}`, { result: 'failed', file, reason });
  }
  return { frames, unprintable: failures.length };
}

/** Also proposes print jobs and, if needed, annotations; the printer may refuse them. */
function connectToPrinter(printing: Printing, user: PrintUser): Promise<Session> {
  const { color, annotation } = printing.options;
  const sopClasses = [
    color ? ColorMeta : GrayscaleMeta,
    PrintJob,
    ...(annotation === undefined ? [] : [AnnotationBox]),
  ];
  const contexts = sopClasses.map(({ uid }) => ({ abstractSyntax: uid, transferSyntaxes: LITTLE_ENDIAN }));
  return connect(printing, [printManagement], contexts, 1, [], [user.service]);
}

function accepts({ association }: Session, sopClass: string): boolean {
  return [...association.contexts.values()].some(({ abstractSyntax }) => abstractSyntax === sopClass);
}

/** Prints a film. Resolves to false if the printer reports that its print job failed. */
async function printOne(
  { options, output, peer, signal }: Printing,
  session: Session,
  user: PrintUser,
  images: PrintedImages,
  frames: readonly PrintedFrame[],
): Promise<boolean> {
  const { layout, filmSize, orientation, copies, color, annotation, annotationFormat } = options;
  const items = [];
  for (const frame of frames) items.push(await images.item(frame));
  const { status, printJob } = await user.printFilm(
    session,
    {
      format: layout,
      images: items,
      isColor: color,
      filmSession: { NumberOfCopies: copies },
      // Printers refuse values of optional attributes that they do not have.
      filmBox: {
        ...(orientation !== undefined && { FilmOrientation: orientation }),
        ...(filmSize !== undefined && { FilmSizeID: filmSize }),
      },
      ...(annotation !== undefined && { annotations: { format: annotationFormat, texts: [annotation] } }),
    },
    { signal },
  );
  const words = `${peerText(peer)} answered: ${describeStatus(status, printManagement.statuses)}`;
  const result = { status: hex(status), images: items.length };
  if (printJob === undefined) {
    output.result(`${words}: a film with ${items.length} images`, result);
    return true;
  }
  const { executionStatus, executionStatusInfo } = await user.jobEnded(session, printJob, { signal });
  const end = executionStatus === 'DONE' ? 'is printed' : `could not be printed: ${executionStatusInfo}`;
  const isDone = executionStatus === 'DONE';
  const line = `${words}: a film with ${items.length} images ${end}`;
  const value = { ...result, printJob, executionStatus, executionStatusInfo };
  if (isDone) output.result(line, value);
  else output.failedResult(line, value);
  return isDone;
}
