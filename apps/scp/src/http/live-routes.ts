// The routes of the live page: its files, its stream of changes, and the data it requests.

import { readFile } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { extname } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { DataSet } from '@x/dimse';
import type { InstanceArchive } from '../instances/instance-archive.ts';
import { VERSION } from '../version.ts';
import type { Workflow } from '../workflow/workflow.ts';
import type { DiskHistory } from './disk-history.ts';
import { answerJson, answerText, type Route } from './http-server.ts';
import type { LiveAssociations, LiveChanges } from './live-associations.ts';
import type { Processes } from './process-table.ts';
import type { Thumbnails } from './thumbnails.ts';

export interface LiveRoutesOptions {
  readonly live: LiveAssociations;
  readonly instances: InstanceArchive;
  readonly workflow: Workflow;
  readonly aeTitle: string;
  readonly thumbnails: Thumbnails;
  readonly disk: DiskHistory;
  /** The folder of the page's files. */
  readonly pages: URL;
  /** The processes of the archive; undefined if it is one process. Default: undefined. */
  readonly processes?: () => Processes | undefined;
}

export function liveRoutes({
  live,
  instances,
  thumbnails,
  workflow,
  aeTitle,
  disk,
  pages,
  processes = () => undefined,
}: LiveRoutesOptions): Record<string, Route> {
  const page =
    (name: string): Route =>
    async (_request, response) => {
      const content = await readFile(new URL(name, pages));
      response.writeHead(200, { 'Content-Type': TYPES[extname(name)] });
      response.end(content);
    };
  return {
    '/': page('live.html'),
    ...Object.fromEntries(FILES.map((name) => [`/${name}`, page(name)])),
    '/events': (request, response) => streamChanges(request, response, live, aeTitle),
    '/capture': async (request, response) => {
      const association = live.get(parameter(request, 'association'));
      if (!association) {
        answerText(response, 404, 'there is no such association any more');
        return;
      }
      response.writeHead(200, {
        'Content-Type': 'application/vnd.tcpdump.pcap',
        'Content-Disposition': `attachment; filename="association-${association.id}.pcapng"`,
      });
      await pipeline(Readable.from(association.capture()), response).catch(ifGone);
    },
    '/studies': async (_request, response) =>
      answerJson(response, 200, await withPictures(await instances.index.recentStudies(MOST_STUDIES), thumbnails)),
    '/thumbnail': async (request, response) => {
      const { png } = await thumbnails.of(parameter(request, 'study'));
      if (!png) {
        answerText(response, 404, 'there is no picture of this study');
        return;
      }
      response.writeHead(200, { 'Content-Type': 'image/png', 'Cache-Control': 'private, max-age=60' });
      response.end(png);
    },
    '/status': async (_request, response) => {
      const { peers, errors } = live.peers;
      const index = { ...instances.comparison, isComplete: instances.index.isComplete };
      const { own, others } = processes() ?? {};
      answerJson(response, 200, {
        ...{ version: VERSION, begun: BEGUN, disk: await disk.state(), index, peers, errors },
        processes: own && { own, others },
      });
    },
    '/films': async (_request, response) => answerJson(response, 200, await workflow.films.latest(MOST_STUDIES)),
    '/film': async (request, response) => {
      const film = await workflow.films.picture(parameter(request, 'name'));
      if (!film) {
        answerText(response, 404, 'there is no such film');
        return;
      }
      response.writeHead(200, { 'Content-Type': 'image/png', 'Cache-Control': 'private, max-age=3600' });
      response.end(film);
    },
    '/procedure-steps': async (_request, response) =>
      answerJson(response, 200, await workflow.performedSteps.latest(MOST_ITEMS)),
    '/worklist': async (_request, response) => {
      const items: DataSet[] = [];
      for await (const item of workflow.worklist?.itemsFor(aeTitle) ?? []) {
        if (items.length === MOST_ITEMS) break;
        items.push(item);
      }
      answerJson(response, 200, items);
    },
  };
}

const FILES = [
  ...['elements.js', 'figures.css', 'figures.js', 'icon.svg', 'ladder.css', 'ladder.js', 'list.css'],
  ...['live.css', 'live.js', 'records.css', 'records.js', 'status.js'],
];

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.svg': 'image/svg+xml',
};

/** Whether each study has a picture, so that the page does not ask for one that does not exist, or else its kind. */
function withPictures(studies: readonly DataSet[], thumbnails: Thumbnails): Promise<readonly object[]> {
  return Promise.all(
    studies.map(async (study) => {
      const { StudyInstanceUID, NumberOfStudyRelatedInstances } = study;
      // A damaged image is a study without a picture; the thumbnail's own request says more.
      const preview = thumbnails.of(String(StudyInstanceUID), Number(NumberOfStudyRelatedInstances));
      const { png, kind } = await preview.catch(() => ({ png: undefined, kind: undefined }));
      return { ...study, hasPicture: png !== undefined, kind };
    }),
  );
}

/** Milliseconds of the clock. */
const BEGUN = Date.now();

const MOST_STUDIES = 12;
const MOST_ITEMS = 50;

function parameter(request: IncomingMessage, name: string): string {
  return new URL(request.url ?? '/', 'http://localhost').searchParams.get(name) ?? '';
}

/** A browser that disconnects is not an error. */
function ifGone(error: NodeJS.ErrnoException): void {
  if (error.code !== 'ERR_STREAM_PREMATURE_CLOSE') throw error;
}

/** The maximum number of open pages; each may hold its last update in memory until the browser has read it. */
const MOST_WATCHERS = 20;
/** The maximum number of bytes that wait for a browser, beside its last update. */
const MOST_UNREAD = 256 * 1024;

/**
 * Server-sent events: everything, then the changes. Nothing more is written to a slow browser until it has read the
 * earlier data; then it receives everything again.
 */
function streamChanges(
  request: IncomingMessage,
  response: ServerResponse,
  live: LiveAssociations,
  aeTitle: string,
): void {
  if (live.watchers >= MOST_WATCHERS) {
    answerText(response, 503, 'too many look already');
    return;
  }
  response.writeHead(200, { 'Content-Type': 'text/event-stream' });
  if (request.method === 'HEAD') {
    response.end();
    return;
  }
  const chosen = parameter(request, 'association') || undefined;
  let stop = () => {};
  const send = (event: string, value: unknown) => {
    response.write(`event: ${event}\ndata: ${JSON.stringify(value)}\n\n`);
    if (response.writableLength <= MOST_UNREAD) return;
    stop();
    response.once('drain', start);
  };
  const start = () => {
    if (response.destroyed) return;
    const watching = live.watch(chosen, (changes: LiveChanges) => send('changes', changes));
    stop = () => watching.stop();
    send('all', { aeTitle, associations: live.views(), history: live.history, detail: watching.detail });
  };
  response.on('close', () => stop());
  start();
}
