// The live page: its files, its stream of changes, and what it asks for.

import { readdir, readFile } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { join } from 'node:path';
import type { InstanceArchive } from '../instance-archive.ts';
import type { Workflow } from '../workflow.ts';
import { answerJson, answerText, type Route } from './http-server.ts';
import type { LiveAssociations, LiveChanges } from './live-associations.ts';
import { Thumbnails } from './thumbnails.ts';

export interface LiveRoutesOptions {
  readonly live: LiveAssociations;
  readonly instances: InstanceArchive;
  readonly workflow: Workflow;
  readonly aeTitle: string;
  /** The folder of printed films. */
  readonly films: string;
  /** The folder of the page's files. */
  readonly pages: URL;
}

export function liveRoutes({
  live,
  instances,
  workflow,
  aeTitle,
  films,
  pages,
}: LiveRoutesOptions): Record<string, Route> {
  const thumbnails = new Thumbnails(instances);
  const page =
    (name: string, type: string): Route =>
    async (_request, response) => {
      const content = await readFile(new URL(name, pages));
      response.writeHead(200, { 'Content-Type': type });
      response.end(content);
    };
  return {
    '/': page('live.html', 'text/html; charset=utf-8'),
    '/live.css': page('live.css', 'text/css; charset=utf-8'),
    '/live.js': page('live.js', 'text/javascript; charset=utf-8'),
    '/events': (request, response) => streamChanges(request, response, live, aeTitle),
    '/ladder': (request, response) => {
      const rungs = live.ladder(parameter(request, 'association'));
      if (rungs) answerJson(response, 200, rungs);
      else answerText(response, 404, 'there is no such association any more');
    },
    '/capture': (request, response) => {
      const id = parameter(request, 'association');
      const bytes = live.capture(id);
      if (!bytes) {
        answerText(response, 404, 'nothing was recorded: it is while somebody looks');
        return;
      }
      response.writeHead(200, {
        'Content-Type': 'application/vnd.tcpdump.pcap',
        'Content-Disposition': `attachment; filename="association-${id.replace(/[^\w-]/g, '')}.pcapng"`,
      });
      response.end(bytes);
    },
    '/studies': async (_request, response) =>
      answerJson(response, 200, await instances.index.recentStudies(MOST_STUDIES)),
    '/thumbnail': async (request, response) => {
      const png = await thumbnails.of(parameter(request, 'study'));
      if (!png) {
        answerText(response, 404, 'there is no uncompressed image in this study');
        return;
      }
      response.writeHead(200, { 'Content-Type': 'image/png', 'Cache-Control': 'private, max-age=60' });
      response.end(png);
    },
    '/films': async (_request, response) => answerJson(response, 200, await filmsIn(films)),
    '/film': async (request, response) => {
      const name = parameter(request, 'name');
      // Whatever is asked for, it is a name of the folder's own.
      if (!(await filmsIn(films)).includes(name)) {
        answerText(response, 404, 'there is no such film');
        return;
      }
      response.writeHead(200, { 'Content-Type': 'image/png', 'Cache-Control': 'private, max-age=3600' });
      response.end(await readFile(join(films, name)));
    },
    '/procedure-steps': async (_request, response) =>
      answerJson(response, 200, await workflow.performedSteps.latest(MOST_ITEMS)),
    '/worklist': (_request, response) => {
      const items = [...(workflow.worklist?.itemsFor(aeTitle) ?? [])].slice(0, MOST_ITEMS);
      answerJson(response, 200, items);
    },
  };
}

/** The names of the latest films, the last first. */
async function filmsIn(folder: string): Promise<readonly string[]> {
  try {
    const names = await readdir(folder);
    return names
      .filter((name) => name.endsWith('.png'))
      .sort()
      .reverse()
      .slice(0, MOST_STUDIES);
  } catch {
    // Nothing has been printed yet.
    return [];
  }
}

const MOST_STUDIES = 12;
const MOST_ITEMS = 50;

function parameter(request: IncomingMessage, name: string): string {
  return new URL(request.url ?? '/', 'http://localhost').searchParams.get(name) ?? '';
}

/** Server-sent events: all there is, then what changes. A browser that is slow is told of all there is again. */
function streamChanges(
  request: IncomingMessage,
  response: ServerResponse,
  live: LiveAssociations,
  aeTitle: string,
): void {
  response.writeHead(200, { 'Content-Type': 'text/event-stream' });
  let isBehind = false;
  const send = (event: string, value: unknown) => {
    isBehind = !response.write(`event: ${event}\ndata: ${JSON.stringify(value)}\n\n`);
  };
  const sendAll = () => send('all', { aeTitle, associations: live.views() });
  const changed = (changes: LiveChanges) => {
    if (!isBehind) send('changes', changes);
  };
  const stop = live.watch(changed);
  sendAll();
  response.on('drain', () => {
    if (isBehind) sendAll();
  });
  request.on('close', stop);
}
