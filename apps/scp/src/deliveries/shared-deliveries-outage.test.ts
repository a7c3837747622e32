// The database of the deliveries is stopped without warning while instances are forwarded. Work goes on by itself when it is back.

import { Status } from '@x/dimse';
import { testPostgres } from '@x/testing/services';
import { expect, test } from 'vitest';
import { deliveringProcesses } from '../../test/delivering-processes.ts';
import { ownPostgresql } from '../../test/own-postgresql.ts';
import { recordingPeer } from '../../test/recording-peer.ts';
import type { Destination } from './forward-rules.ts';

const COUNT = 60;
const uids = Array.from({ length: COUNT }, (_, index) => `1.2.1.${index}`).sort();

test.skipIf((await testPostgres()) === undefined)(
  'forwards every instance although the database stops in the middle',
  async () => {
    await using server = await ownPostgresql();
    await using processes = await deliveringProcesses(server.url, { fsync: true });
    let reached: (() => void) | undefined;
    const enough = new Promise<void>((resolve) => {
      reached = resolve;
    });
    await using peer = await recordingPeer({}, async () => {
      if (peer.requests.length === 20) reached?.();
      await new Promise((resolve) => setImmediate(resolve));
      return Status.Success;
    });
    const pacs: Destination = {
      ...{ name: 'PACS', place: '', host: '127.0.0.1', port: peer.port, aet: 'PACS', tls: false, priority: 'medium' },
      ...{ attempts: 3, queue: 1000, associations: 1, window: 1, decompress: false, edits: [], removesPrivate: false },
      existing: false,
    };
    const options = { forwardRules: { destinations: [pacs], rules: [{ name: 'all', match: {}, to: ['PACS'] }] } };
    const all = [await processes.start(options), await processes.start(options)];
    const keep = (number: number) => processes.keep({ study: '1.2', series: '1.2.1', sopInstance: `1.2.1.${number}` });
    for (let number = 0; number < COUNT / 2; number++) await keep(number);
    await enough;
    await server.stopImmediately();
    for (let number = COUNT / 2; number < COUNT; number++) await keep(number);
    await server.start();
    await expect.poll(() => [...new Set(peer.requests)].sort()).toEqual(uids);
    const waiting = () => all.map(({ status }) => status[0] && [status[0].waiting, status[0].behind]);
    await expect.poll(waiting).toEqual([
      [0, 0],
      [0, 0],
    ]);
    const repeated = peer.requests.length - COUNT;
    process.stderr.write(`${COUNT} instances forwarded, ${repeated} of them twice because the database stopped\n`);
    // An instance is sent again only if the peer's answer could not be noted before another process had to take over.
    expect(repeated).toBeLessThanOrEqual(1);
  },
  120_000,
);
