// The RADOS gateway of Ceph with one monitor and one OSD, from the packages of Debian: a second S3-compatible store beside Swift.

import { randomBytes, randomUUID } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { freePort, type Running, run, start, startAt } from '@x/testing/processes';
import { makeBucket, storeAddress } from './bucket.ts';
import { checkInstalled, endWithThisProcess, type Service } from './service.ts';

const PROGRAMS = ['ceph', 'ceph-authtool', 'ceph-mon', 'ceph-osd', 'monmaptool', 'radosgw', 'radosgw-admin'] as const;
const programOf = (name: (typeof PROGRAMS)[number]) => `/usr/bin/${name}`;
const USER = 'dimse';
/** Bytes of the sparse file that holds the objects. */
const DISK_LENGTH = 20 * 1024 ** 3;

/** Starts it with an empty bucket. The folder must be new. @throws NotInstalledError */
export async function startCeph(folder: string): Promise<Service> {
  checkInstalled("Ceph's RADOS gateway", 'ceph-mon ceph-osd radosgw', PROGRAMS.map(programOf));
  for (const part of ['monitor', 'disk', 'gateway', 'run']) mkdirSync(join(folder, part), { recursive: true });
  const [monitor, gateway] = [await freePort(), await freePort()];
  const [cluster, osd, secret] = [randomUUID(), randomUUID(), randomBytes(16).toString('hex')];
  const configuration = join(folder, 'ceph.conf');
  writeFileSync(configuration, configurationOf(folder, cluster, monitor, gateway));
  const running: Running[] = [];
  const call = async (name: (typeof PROGRAMS)[number], ...args: readonly string[]) => {
    const { exitCode, stdout, stderr } = await run(programOf(name), args);
    if (exitCode !== 0) throw new Error(`${name} ${args.join(' ')} failed: ${stderr}${stdout}`);
    return stdout;
  };
  const ceph = (...args: readonly string[]) => call('ceph', '-c', configuration, '--connect-timeout', '30', ...args);
  const startOne = async (name: 'ceph-mon' | 'ceph-osd' | 'radosgw', id: string, port?: number) => {
    const args = ['-c', configuration, '-f', name === 'radosgw' ? '-n' : '-i', id];
    const started = port === undefined ? start(programOf(name), args) : await startAt(port, programOf(name), args);
    running.push(endWithThisProcess(started));
  };

  const keyring = join(folder, 'keyring');
  await call('ceph-authtool', '--create-keyring', keyring, '--gen-key', '-n', 'mon.', '--cap', 'mon', 'allow *');
  const keys: readonly (readonly string[])[] = [
    ['client.admin', '--cap', 'mon', 'allow *', '--cap', 'osd', 'allow *', '--cap', 'mgr', 'allow *'],
    ['osd.0', '--cap', 'mon', 'allow profile osd', '--cap', 'osd', 'allow *'],
    [GATEWAY, '--cap', 'mon', 'allow rwx', '--cap', 'osd', 'allow rwx'],
  ];
  for (const [name = '', ...rights] of keys) await call('ceph-authtool', keyring, '--gen-key', '-n', name, ...rights);
  const map = join(folder, 'monitors');
  await call('monmaptool', '--create', '--fsid', cluster, '--addv', 'a', `[v2:127.0.0.1:${monitor}/0]`, map);
  const make = ['-c', configuration, '--mkfs', '-i'];
  await call('ceph-mon', ...make, 'a', '--monmap', map, '--keyring', keyring);

  const access = { endpoint: `http://127.0.0.1:${gateway}`, accessKeyId: USER, secretAccessKey: secret };
  const service: Service = {
    ...storeAddress(access),
    async start() {
      await startOne('ceph-mon', 'a', monitor);
      await startOne('ceph-osd', '0');
      await startOne('radosgw', GATEWAY, gateway);
    },
    async stop(how) {
      for (const each of running.splice(0).reverse()) await each.stop(how === 'crash' ? 'SIGKILL' : 'SIGTERM');
    },
  };
  try {
    await startOne('ceph-mon', 'a', monitor);
    await ceph('osd', 'new', osd, '0');
    await call('ceph-osd', ...make, '0', '--osd-uuid', osd);
    await startOne('ceph-osd', '0');
    await startOne('radosgw', GATEWAY, gateway);
    const user = ['--uid', USER, '--display-name', USER, '--access-key', USER, '--secret', secret];
    await call('radosgw-admin', '-c', configuration, 'user', 'create', ...user);
    await makeBucket(access);
  } catch (error) {
    await service.stop();
    throw error;
  }
  return service;
}

const GATEWAY = 'client.rgw.a';

const configurationOf = (folder: string, cluster: string, monitor: number, gateway: number) => `[global]
fsid = ${cluster}
mon_host = [v2:127.0.0.1:${monitor}/0]
keyring = ${join(folder, 'keyring')}
public_network = 127.0.0.0/8
ms_bind_msgr1 = false
run_dir = ${join(folder, 'run')}
admin_socket = ${join(folder, 'run')}/$name.asok
pid_file = ${join(folder, 'run')}/$name.pid
log_file = ${folder}/$name.log
crash_dir = ${join(folder, 'run')}

# One copy of everything, on one disk.
osd_pool_default_size = 1
osd_pool_default_min_size = 1
osd_pool_default_pg_num = 4
osd_pool_default_pg_autoscale_mode = off
osd_crush_chooseleaf_type = 0
mon_allow_pool_size_one = true
mon_warn_on_pool_no_redundancy = false
mon_max_pg_per_osd = 1000

# The monitor gathers decisions for one second unless it is told otherwise.
paxos_propose_interval = 0.05
paxos_min_wait = 0.01
mon_data = ${join(folder, 'monitor')}
mon_data_avail_crit = 1
mon_data_avail_warn = 2

osd_data = ${join(folder, 'disk')}
osd_objectstore = bluestore
bluestore_block_size = ${DISK_LENGTH}
bluestore_block_db_create = false
bluestore_block_wal_create = false
osd_memory_target = 939524096
bluestore_cache_autotune = false
bluestore_cache_size = 67108864
osd_class_load_list = *
osd_class_default_list = *

# Without tcp_nodelay, a short answer waits 40 ms for an acknowledgement of TCP.
rgw_frontends = beast endpoint=127.0.0.1:${gateway} tcp_nodelay=1
rgw_data = ${join(folder, 'gateway')}
rgw_enable_usage_log = false
rgw_thread_pool_size = 32
rgw_dns_name = 127.0.0.1
`;
