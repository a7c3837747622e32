// HAProxy before several archives, with the configuration that the guide for operators gives.

import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { freePort, type Listening, startPeer } from '@x/testing/processes';
import { endWithThisProcess } from '../services/service.ts';

/** The configuration of the guide. */
export const SAMPLE = fileURLToPath(new URL('../../docs/public/haproxy.cfg', import.meta.url));

/** An archive behind HAProxy: its DICOM port, and the port where its health can be asked for. */
export interface BalancedArchive {
  readonly port: number;
  readonly httpPort: number;
}

/** Milliseconds between two checks of the health of an archive. After two without 200 it gets no associations. */
const CHECK_INTERVAL = 200;
/** Seconds that an archive goes on accepting after SIGTERM: longer than two checks take on a busy machine. */
export const STOP_DELAY = (CHECK_INTERVAL * 2 + 1600) / 1000;

export interface HaproxyOptions {
  /** The maximum number of connections from one address. Default: that of the sample. */
  readonly perSource?: number;
}

export interface RunningHaproxy extends Listening {
  /** Waits until HAProxy has found as many archives ready; all by default. */
  ready(count?: number): Promise<void>;
}

/** Starts HAProxy on a free port of 127.0.0.1, and waits until it has found all archives ready. */
export async function startHaproxy(
  home: string,
  archives: readonly BalancedArchive[],
  options: HaproxyOptions = {},
): Promise<RunningHaproxy> {
  const statistics = await freePort();
  const peer = await startPeer('haproxy', (port) => {
    const config = join(home, 'haproxy.cfg');
    writeFileSync(config, configuration(port, statistics, archives, options));
    return ['-db', '-f', config];
  });
  const haproxy = endWithThisProcess(peer);
  const ready = async (count = archives.length): Promise<void> => {
    for (let attempt = 0; (await readyServers(statistics)) !== count; attempt++) {
      if (attempt === 1200) throw new Error(`HAProxy did not find ${count} archives ready: ${haproxy.output()}`);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  };
  await ready();
  return { ...haproxy, ready };
}

/** The sample with other addresses and shorter intervals, and with statistics. */
function configuration(
  port: number,
  statistics: number,
  archives: readonly BalancedArchive[],
  { perSource }: HaproxyOptions,
): string {
  const backends = readFileSync(SAMPLE, 'utf8').split(/^(?=backend )/m);
  const adapted = backends.map((part) => {
    const hasChecks = part.includes('option httpchk');
    const servers = archives.map(
      (archive, index) =>
        `    server archive${index + 1} 127.0.0.1:${archive.port}${hasChecks ? ` port ${archive.httpPort}` : ''}\n`,
    );
    return part.includes('    server ') ? `${part.replace(/^ {4}server .*\n/gm, '')}${servers.join('')}\n` : part;
  });
  const changes: readonly (readonly [was: string, is: string])[] = [
    ['bind :104', `bind 127.0.0.1:${port}`],
    ['inter 2s', `inter ${CHECK_INTERVAL}ms`],
    ...(perSource === undefined ? [] : [['gt 128', `gt ${perSource}`] as const]),
  ];
  const text = changes.reduce((before, [was, is]) => {
    if (before.split(was).length !== 2) throw new Error(`the sample does not have ${was} once`);
    return before.replace(was, is);
  }, adapted.join(''));
  return `${text}
frontend statistics
    mode http
    bind 127.0.0.1:${statistics}
    stats enable
    stats uri /
`;
}

/** The number of archives whose last check was answered by 200. */
async function readyServers(statistics: number): Promise<number> {
  const response = await fetch(`http://127.0.0.1:${statistics}/;csv`);
  const [head = [], ...rows] = (await response.text()).split('\n').map((line) => line.split(','));
  const [status, check] = [head.indexOf('status'), head.indexOf('check_status')];
  return rows.filter((row) => row[0] === 'archives' && row[status] === 'UP' && row[check] === 'L7OK').length;
}
