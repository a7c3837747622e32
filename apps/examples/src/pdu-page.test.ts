// The page is built as its README says, and decodes a file in a browser.

import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { associateRequest, encodePdu } from '@x/pdu';
import { isInstalled, run } from '@x/testing/processes';
import { chromium } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import { folderOf } from './start-example.ts';

describe.runIf(isInstalled('chromium'))('pdu-page', () => {
  test('shows the PDUs of a file, and that its end is not one', { timeout: 120_000 }, async () => {
    const home = mkdtempSync(join(tmpdir(), 'pdu-page-'));
    const { exitCode, stderr } = await run('npm', ['run', 'build'], { cwd: folderOf('pdu-page') });
    expect(exitCode, stderr).toBe(0);
    const request = associateRequest('ARCHIVE', '<b>BOLD</b>');
    const pdus = [request, { type: 'A-RELEASE-RQ' } as const].flatMap((pdu) => encodePdu(pdu));
    const file = join(home, 'captured.bin');
    writeFileSync(file, Buffer.concat([...pdus, Buffer.from('GET / HTTP/1.1')]));
    const found = spawnSync('which', ['chromium'], { encoding: 'utf8' }).stdout.trim();
    const browser = await chromium.launch({ executablePath: found, args: ['--no-sandbox'] });
    const server = createServer((asked, answer) => {
      const name = asked.url === '/page.js' ? 'page.js' : 'index.html';
      answer.setHeader('content-type', name === 'page.js' ? 'text/javascript' : 'text/html');
      answer.end(readFileSync(join(folderOf('pdu-page'), 'dist', name)));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    try {
      const page = await browser.newPage();
      await page.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
      await page.setInputFiles('input', file);
      await page.locator('li').nth(2).waitFor();
      const items = await page.locator('summary').allTextContents();
      expect(items).toEqual([
        expect.stringContaining('A-ASSOCIATE-RQ'),
        expect.stringContaining('A-RELEASE-RQ'),
        expect.stringMatching(/^not a PDU: /),
      ]);
      expect(await page.locator('b').count()).toBe(0);
      expect(await page.title()).toBe('2 PDUs');
    } finally {
      await browser.close();
      server.close();
      rmSync(home, { recursive: true, force: true });
    }
  });
});
