// OpenStack Swift with its S3 API, from the packages of Debian: one process of each server, one disk, one replica. The folder
// must be on a file system with extended attributes.

import { randomBytes } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { freePort, type Running, run, startAt } from '@x/testing/processes';
import { makeBucket, storeAddress } from './bucket.ts';
import { checkInstalled, endWithThisProcess, type Service } from './service.ts';

const SERVERS = ['account', 'container', 'object'] as const;
const programOf = (server: string) => `/usr/bin/swift-${server}-server`;
/** The sign-in of the S3 API needs it. */
const MEMCACHED = '/usr/bin/memcached';
const PACKAGES = 'swift-proxy swift-account swift-container swift-object memcached';
const USER = 'dimse:dimse';

/** Starts it with an empty bucket. The folder must be new. @throws NotInstalledError */
export async function startSwift(folder: string): Promise<Service> {
  checkInstalled('OpenStack Swift', PACKAGES, [MEMCACHED, ...[...SERVERS, 'proxy'].map(programOf)]);
  mkdirSync(join(folder, 'disks', 'disk'), { recursive: true });
  const names = [...SERVERS, 'proxy', 'memcached'] as const;
  const found = await Promise.all(names.map(async (name) => [name, await freePort()] as const));
  const ports = Object.fromEntries(found) as Record<(typeof names)[number], number>;
  const secret = randomBytes(12).toString('hex');
  for (const server of SERVERS) write(folder, server, serverConfiguration(folder, server, ports[server]));
  write(folder, 'proxy', proxyConfiguration(folder, ports, secret));
  await makeRings(
    folder,
    SERVERS.map((server) => ports[server]),
  );
  const access = { endpoint: `http://127.0.0.1:${ports.proxy}`, accessKeyId: USER, secretAccessKey: secret };
  const running: Running[] = [];
  const service: Service = {
    ...storeAddress(access),
    async start() {
      const cache = ['-l', '127.0.0.1', '-p', `${ports.memcached}`, '-U', '0', '-m', '16', '-t', '1'];
      const asRoot = process.getuid?.() === 0 ? ['-u', 'root'] : [];
      const startAll = async (servers: readonly Promise<Running>[]) => {
        const outcomes = await Promise.allSettled(servers);
        for (const outcome of outcomes)
          if (outcome.status === 'fulfilled') running.push(endWithThisProcess(outcome.value));
        if (outcomes.some(({ status }) => status === 'rejected')) await service.stop();
        await Promise.all(servers);
      };
      const startServer = (server: (typeof SERVERS)[number] | 'proxy') =>
        startAt(ports[server], programOf(server), [configurationOf(folder, server)]);
      await startAll([startAt(ports.memcached, MEMCACHED, [...cache, ...asRoot]), ...SERVERS.map(startServer)]);
      // The last one: it avoids servers that it did not reach.
      await startAll([startServer('proxy')]);
    },
    async stop(how) {
      await Promise.all(running.splice(0).map((each) => each.stop(how === 'crash' ? 'SIGKILL' : 'SIGTERM')));
    },
  };
  await service.start();
  await makeBucket(access);
  return service;
}

const configurationOf = (folder: string, server: string) => join(folder, `${server}.conf`);

function write(folder: string, server: string, text: string): void {
  writeFileSync(configurationOf(folder, server), text, { mode: 0o600 });
}

/** `workers = 0`: the server is one process, without children. */
const shared = (folder: string, port: number) => `[DEFAULT]
bind_ip = 127.0.0.1
bind_port = ${port}
user = ${userInfo().username}
workers = 0
swift_dir = ${folder}
devices = ${join(folder, 'disks')}
mount_check = false
disable_fallocate = true
log_level = WARNING
# A path that does not exist, so that it does not write to the log of the machine.
log_address = ${join(folder, 'none')}
`;

const serverConfiguration = (folder: string, server: string, port: number) => `${shared(folder, port)}
recon_cache_path = ${folder}

[pipeline:main]
pipeline = ${server}-server

[app:${server}-server]
use = egg:swift#${server}
`;

/** The parts of the proxy that need no setting. */
const FILTERS = ['catch_errors', 'gatekeeper', 'healthcheck', 'listing_formats', 's3api', 'bulk', 'slo'];

const proxyConfiguration = (folder: string, ports: { proxy: number; memcached: number }, secret: string) =>
  `${shared(folder, ports.proxy)}
[pipeline:main]
pipeline = catch_errors gatekeeper healthcheck cache listing_formats s3api tempauth bulk slo proxy-server

[app:proxy-server]
use = egg:swift#proxy
account_autocreate = true
# After this many seconds it asks servers again that it did not reach. The default is a minute.
error_suppression_interval = 1
# The default of 64 KiB costs a turn of the interpreter for each piece.
client_chunk_size = 262144
object_chunk_size = 262144

[filter:cache]
use = egg:swift#memcache
memcache_servers = 127.0.0.1:${ports.memcached}

[filter:tempauth]
use = egg:swift#tempauth
user_${USER.replace(':', '_')} = ${secret} .admin

${FILTERS.map((filter) => `[filter:${filter}]\nuse = egg:swift#${filter}\n`).join('\n')}`;

/** The files that say which disk has which object: here, always the same one. */
async function makeRings(folder: string, ports: readonly number[]): Promise<void> {
  const script = `
import sys
from swift.common.ring import RingBuilder
folder, *ports = sys.argv[1:]
for name, port in zip(('account', 'container', 'object'), map(int, ports)):
    ring = RingBuilder(6, 1, 0)
    ring.add_dev(dict(id=0, region=1, zone=1, weight=1, device='disk', meta='', ip='127.0.0.1', port=port,
                      replication_ip='127.0.0.1', replication_port=port))
    ring.rebalance()
    ring.get_ring().save(f'{folder}/{name}.ring.gz')
`;
  // The interpreter of Debian, which has the modules of Swift, whichever comes first in PATH.
  const made = await run('/usr/bin/python3', ['-c', script, folder, ...ports.map(String)]);
  if (made.exitCode !== 0) throw new Error(`the rings of Swift could not be made: ${made.stderr}`);
}
