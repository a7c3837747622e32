// User Identity Negotiation (PS3.7 §D.3.3.7): DCMTK with our acceptor.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createScp, Status, serve, storage } from '@x/dimse';
import { computedTomographySeries } from '@x/testing/computed-tomography-phantom';
import { isInstalled, run } from '@x/testing/processes';
import { expect, test } from 'vitest';

test.runIf(isInstalled('storescu'))(
  'storescu is accepted with its passcode and receives the response, or is rejected',
  async () => {
    const folder = mkdtempSync(join(tmpdir(), 'identity-'));
    const seen: string[] = [];
    const scp = createScp({
      aeTitle: 'SCP',
      services: [
        serve(storage, {
          store: async ({ data }) => {
            for await (const _ of data);
            return Status.Success;
          },
        }),
      ],
      verifyIdentity: async (identity) => {
        const text = (bytes: Uint8Array | undefined) => new TextDecoder().decode(bytes);
        seen.push(`${identity?.identityType} ${text(identity?.primaryField)} ${text(identity?.secondaryField)}`);
        return text(identity?.secondaryField) === 'secret';
      },
    });
    try {
      const { port } = await scp.listen({ port: 0, host: '127.0.0.1' });
      const [slice] = [...computedTomographySeries({ slices: 1, size: 64 })];
      const file = join(folder, 'slice.dcm');
      writeFileSync(file, slice?.bytes ?? new Uint8Array(0));
      const store = (passcode: string) =>
        run('storescu', ['-aec', 'SCP', '-usr', 'jane', '-pwd', passcode, '-rsp', '127.0.0.1', `${port}`, file]);
      const taken = await store('secret');
      expect(taken).toMatchObject({ exitCode: 0, stderr: '' });
      const refused = await store('wrong');
      expect(refused.exitCode).not.toBe(0);
      expect(refused.stderr + refused.stdout).toMatch(/Association Rejected/i);
      expect(seen).toEqual(['2 jane secret', '2 jane wrong']);
    } finally {
      await scp.close();
      rmSync(folder, { recursive: true });
    }
  },
);
