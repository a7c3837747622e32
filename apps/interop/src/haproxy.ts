// HAProxy in TCP mode before several archives, as the guide for operators sets it up.

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { freePort, type Listening, startPeer } from '@x/testing/processes';

/** An archive behind HAProxy: its DICOM port, and the port where its health can be asked for. */
export interface BalancedArchive {
  readonly port: number;
  readonly httpPort: number;
}

/** Milliseconds between two checks of the health of an archive. After two without 200 it gets no associations. */
export const CHECK_INTERVAL = 200;

export interface RunningHaproxy extends Listening {
  /** Waits until HAProxy has found all archives ready. */
  allReady(): Promise<void>;
}

/** Starts HAProxy on a free port of 127.0.0.1, and waits until it has found all archives ready. */
export async function startHaproxy(home: string, archives: readonly BalancedArchive[]): Promise<RunningHaproxy> {
  const statistics = await freePort();
  const haproxy = await startPeer('haproxy', (port) => {
    const config = join(home, 'haproxy.cfg');
    writeFileSync(config, configuration(port, statistics, archives));
    return ['-db', '-f', config];
  });
  const allReady = async (): Promise<void> => {
    for (let attempt = 0; (await readyServers(statistics)) < archives.length; attempt++) {
      if (attempt === 200) throw new Error(`HAProxy did not find all archives ready: ${haproxy.output()}`);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  };
  await allReady();
  return { ...haproxy, allReady };
}

function configuration(port: number, statistics: number, archives: readonly BalancedArchive[]): string {
  const servers = archives.map(
    (archive, index) => `server archive${index + 1} 127.0.0.1:${archive.port} check port ${archive.httpPort}`,
  );
  return `
global
    nbthread 1

defaults
    timeout connect 2s
    timeout check 2s
    timeout client 10m
    timeout server 10m

frontend dicom
    mode tcp
    bind 127.0.0.1:${port}
    default_backend archives

backend archives
    mode tcp
    balance leastconn
    retries 2
    option redispatch 1
    option httpchk GET /healthz
    http-check expect status 200
    default-server send-proxy-v2 inter ${CHECK_INTERVAL}ms fall 2 rise 1
    ${servers.join('\n    ')}

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
  const column = head.indexOf('check_status');
  return rows.filter((row) => row[0] === 'archives' && row[column] === 'L7OK').length;
}
