// The live page of dimse-scp in a browser: it shows peers that store, are rejected or move, and it escapes their texts.

import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  createScp,
  encodeDataSet,
  openSession,
  type Scp,
  Status,
  serve,
  storage,
  storeInstances,
  studyRoot,
  verification,
} from '@x/dimse';
import { computedTomographySeries } from '@x/testing/computed-tomography-phantom';
import { CT_IMAGE_STORAGE, EXPLICIT_VR_LITTLE_ENDIAN, syntheticDataSet } from '@x/testing/data-sets';
import { isInstalled, type RunningScp, runScu, startScp } from '@x/testing/processes';
import { type Browser, chromium, type Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';

const CHROMIUM = 'chromium';
/** The folder for screenshots, if they are wanted. */
const { SCREENSHOTS } = process.env;

describe.runIf(isInstalled(CHROMIUM))('the live page', () => {
  const folder = mkdtempSync(join(tmpdir(), 'live-page-'));
  let browser: Browser;
  let archive: RunningScp;
  let url: string;
  let destination: Scp;
  let page: Page;
  const faults: string[] = [];

  beforeAll(async () => {
    destination = createScp({
      aeTitle: 'WORKSTATION',
      services: [serve(storage, { store: () => Status.Success })],
    });
    const { port } = await destination.listen({ port: 0, host: '127.0.0.1' });
    const worklist = join(folder, 'worklist');
    mkdirSync(worklist);
    writeFileSync(
      join(worklist, 'item.json'),
      JSON.stringify({
        '00100010': { vr: 'PN', Value: [{ Alphabetic: 'Waiting^Walter' }] },
        '00400100': { vr: 'SQ', Value: [{ '00080060': { vr: 'CS', Value: ['CT'] } }] },
      }),
    );
    const rules = join(folder, 'forward.yaml');
    writeFileSync(rules, 'destinations:\n  DOWN: { host: 127.0.0.1, port: 9 }\nrules:\n  all: { to: [DOWN] }\n');
    archive = await startScp([
      ...['--data', join(folder, 'data'), '--forward', rules],
      ...['--aet', 'ARCHIVE', '--http', '0', '--worklist', worklist, '--peer', `WORKSTATION=127.0.0.1:${port}`],
    ]);
    url = archive.url;
    const found = spawnSync('which', [CHROMIUM], { encoding: 'utf8' }).stdout.trim();
    browser = await chromium.launch({ executablePath: found, args: ['--no-sandbox'] });
  });
  afterAll(async () => {
    await browser?.close();
    await destination?.close();
    await archive?.stop();
    rmSync(folder, { recursive: true });
  });
  afterEach(async () => {
    await page.close();
    expect(faults.splice(0)).toEqual([]);
  });

  async function open(options: { width?: number; height?: number; dark?: boolean } = {}): Promise<void> {
    const { width = 1280, height = 900, dark = false } = options;
    page = await browser.newPage({ viewport: { width, height }, colorScheme: dark ? 'dark' : 'light' });
    page.on('console', (message) => {
      if (message.type() === 'error') faults.push(message.text());
    });
    page.on('response', (response) => {
      if (response.status() >= 400) faults.push(`${response.status()} ${response.url()}`);
    });
    page.on('pageerror', (error) => faults.push(String(error)));
    page.setDefaultTimeout(20_000);
    await page.goto(url);
    await page.locator('#connection.live').waitFor();
  }

  /** Takes screenshots for a laptop and a phone, in light and dark mode. */
  async function picture(name: string): Promise<void> {
    if (!SCREENSHOTS) return;
    const before = page.viewportSize();
    for (const [screen, width, height] of [
      ['laptop', 1280, 900],
      ['phone', 390, 844],
    ] as const)
      for (const colorScheme of ['light', 'dark'] as const) {
        await page.setViewportSize({ width, height });
        await page.emulateMedia({ colorScheme });
        await page.screenshot({ path: join(SCREENSHOTS, `${name}-${screen}-${colorScheme}.png`), fullPage: true });
      }
    if (before) await page.setViewportSize(before);
  }

  const peer = (callingAeTitle: string) => ({
    host: '127.0.0.1',
    port: archive.port,
    callingAeTitle,
    calledAeTitle: 'ARCHIVE',
  });
  const row = (text: string) => page.locator('#list button', { hasText: text }).first();

  test('shows that no peer is connected, and lists the worklist', async () => {
    await open();
    await page.getByText('There have been no associations yet.').waitFor();
    await page.locator('#worklist td', { hasText: 'Waiting, Walter' }).waitFor();
    await page.locator('#rate-received', { hasText: '0 B/s' }).waitFor();
    expect(await page.title()).toContain('ARCHIVE');
    await picture('idle');
  });

  test('shows 300 instances being stored, message by message', async () => {
    await open();
    const [slice] = computedTomographySeries({ slices: 1, size: 512 });
    const image = Buffer.from(slice?.bytes ?? []);
    const series = join(folder, 'series');
    mkdirSync(series);
    const places: number[] = [];
    const uid = slice?.sopInstanceUid ?? '';
    for (let at = image.indexOf(uid); at >= 0; at = image.indexOf(uid, at + 1)) places.push(at);
    for (let number = 0; number < 300; number++) {
      for (const at of places) image.write(`${uid.slice(0, -6)}${500_000 + number}`, at, 'latin1');
      writeFileSync(join(series, `${number}.dcm`), image);
    }
    const stored = runScu('store', `ARCHIVE@127.0.0.1:${archive.port}`, series, '--calling', 'CT01');
    await row('CT01 → ARCHIVE').click();
    await page.locator('.ladder li.message', { hasText: 'C-STORE-RQ' }).first().waitFor();
    await page.locator('#rate-received', { hasText: /[1-9].* [kM]B\/s/ }).waitFor();
    await picture('storing');
    expect((await stored).exitCode).toBe(0);
    await page.locator('.ladder li.pdu', { hasText: 'A-RELEASE-RP' }).waitFor();
    const rungs = await page.locator('.ladder li').allTextContents();
    // The association began before the page was opened.
    expect(rungs.slice(0, 2)).toEqual([
      expect.stringContaining('A-ASSOCIATE-RQ'),
      expect.stringContaining('A-ASSOCIATE-AC'),
    ]);
    expect(rungs.filter((text) => /C-STORE-RSP #\d+ success/.test(text)).length).toBeGreaterThan(50);
    expect(rungs.some((text) => /data set · 52\d\.\d kB in \d+ fragments/.test(text))).toBe(true);
    await row('CT01').locator('.how', { hasText: 'released' }).waitFor();
    // The requestor is on the left and sends the request.
    expect(await page.locator('.ladder li.requestor', { hasText: 'C-STORE-RQ' }).count()).toBeGreaterThan(50);
    expect(await page.locator('.ladder li.acceptor', { hasText: 'C-STORE-RQ' }).count()).toBe(0);
  });

  test('shows a received study with a picture', async () => {
    await open();
    const study = page.locator('#study-list li', { hasText: 'Phantom, Computed' });
    await study.getByText('300 instances').waitFor();
    const image = study.locator('img');
    await expect
      .poll(() => image.evaluate((element) => (element as unknown as { naturalWidth: number }).naturalWidth))
      .toBe(128);
    await picture('studies');
  });

  test('does not ask for pictures that do not exist', async () => {
    const uids = { sopInstance: '1.2.98.1', study: '1.2.98', series: '1.2.98.0' };
    const instance = { sopClass: CT_IMAGE_STORAGE, transferSyntax: EXPLICIT_VR_LITTLE_ENDIAN, ...uids };
    const data = () => syntheticDataSet({ sopClass: CT_IMAGE_STORAGE, ...uids, pixelLength: 100 });
    for await (const { result } of storeInstances([{ ...instance, data }], peer('CT04'))) expect(result).toBe('sent');
    await open();
    await page.locator('#study-list .none').first().waitFor();
    // A failed request would be among the faults.
  });

  test('shows disk space, the version, peers with their last failure, and recent errors', async () => {
    const called = openSession({ ...peer('STRAY'), calledAeTitle: 'ELSEWHERE', services: [verification] });
    await expect(called).rejects.toThrow('called AE title not recognized');
    await open();
    await page.locator('#disk-free', { hasText: /free of .*B$/ }).waitFor();
    await page.locator('#version', { hasText: /^dimse-scp \d+\.\d+\.\d+, running since / }).waitFor();
    await page.locator('#peers tr', { hasText: 'WORKSTATION' }).waitFor();
    await page.locator('#peers tr', { hasText: /STRAY.*called AE title not recognized/ }).waitFor();
    await page.locator('#errors tr', { hasText: /STRAY → ELSEWHERE.*called AE title not recognized/ }).waitFor();
    expect(await (await fetch(`${url}/metrics`)).text()).toMatch(
      /^dimse_build_info\{version="\d+\.\d+\.\d+",node="[\d.]+"\} 1$/m,
    );
    await picture('status');
  });

  test('shows the queue of a destination that does not answer', async () => {
    await open();
    await page.locator('#deliveries tr', { hasText: /DOWN.*ECONNREFUSED|DOWN.*refused/ }).waitFor();
    await page.locator('#deliveries tr', { hasText: /DOWN.*next attempt/ }).waitFor();
    await picture('destinations');
  });

  test('begins with plots that are filled, and switches to the last hour', async () => {
    await open();
    // Before the first change that the page itself receives, the plot has the samples of the archive.
    const points = await page.locator('#throughput path').nth(1).getAttribute('d');
    expect(points?.split('L').length).toBeGreaterThan(8);
    await page.keyboard.press('h');
    await page.locator('#span[aria-pressed="true"]').waitFor();
    await page.locator('#most-throughput', { hasText: 'the last hour' }).waitFor();
    await page.locator('#span').click();
    await page.locator('#most-throughput', { hasText: 'the last minute' }).waitFor();
  });

  test('takes arrows and Enter before anything has the focus', async () => {
    await open();
    await page.locator('#list button').first().waitFor();
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Enter');
    await page.locator('#detail').waitFor();
    expect(await page.locator('#list button').first().getAttribute('aria-current')).toBe('true');
  });

  test('shows printed films and performed procedure steps', async () => {
    const file = join(folder, 'slice.dcm');
    for (const { bytes } of computedTomographySeries({ slices: 3, size: 128 })) writeFileSync(file, bytes);
    const archiveAddress = `ARCHIVE@127.0.0.1:${archive.port}`;
    expect(await runScu('print', archiveAddress, file)).toMatchObject({ exitCode: 0 });
    const step = ['--key', 'PatientName=Treated^Tina', '--key', 'Modality=CT', '--calling', 'CT03'];
    expect(await runScu('mpps', archiveAddress, 'create', ...step)).toMatchObject({ exitCode: 0 });
    await open();
    await page.locator('#steps td', { hasText: 'Treated, Tina' }).waitFor();
    await page.locator('#steps td', { hasText: 'IN PROGRESS' }).waitFor();
    const film = page.locator('#film-list img').first();
    await expect
      .poll(() => film.evaluate((element) => (element as unknown as { naturalHeight: number }).naturalHeight))
      .toBe(2159);
    expect((await fetch(`${url}/film?name=../index.db`)).status).toBe(404);
    await picture('films');
  });

  test('shows a rejected association and a rejected context with the reasons', async () => {
    await open();
    const called = openSession({ ...peer('LOST'), calledAeTitle: 'OTHER', services: [verification] });
    await expect(called).rejects.toThrow('called AE title not recognized');
    await row('LOST → OTHER').click();
    await page.locator('#detail-state', { hasText: 'called AE title not recognized' }).waitFor();
    await page.locator('.ladder li').nth(1).waitFor();
    expect(await page.locator('.ladder li').allTextContents()).toEqual([
      expect.stringContaining('A-ASSOCIATE-RQ'),
      expect.stringContaining('A-ASSOCIATE-RJ'),
    ]);
    await picture('rejected');
    const contexts = ['1.2.840.10008.1.1', '1.2.840.10008.5.1.1.9999'].map((abstractSyntax) => ({
      abstractSyntax,
      transferSyntaxes: [EXPLICIT_VR_LITTLE_ENDIAN],
    }));
    const session = await openSession({ ...peer('ODD'), services: [verification], contexts });
    await row('ODD → ARCHIVE').click();
    await page.locator('#contexts td.refused', { hasText: 'abstract syntax not supported' }).waitFor();
    expect(await page.locator('#contexts summary').textContent()).toBe('2 presentation contexts, 1 refused');
    await picture('refused-context');
    await session.release();
  });

  test('shows a move and the association of its sub-operations', async () => {
    await open();
    const identifier = { QueryRetrieveLevel: 'STUDY', StudyInstanceUID: '1.2.99' };
    const uids = { sopInstance: '1.2.99.1', study: '1.2.99', series: '1.2.99.0' };
    const instance = { sopClass: CT_IMAGE_STORAGE, transferSyntax: EXPLICIT_VR_LITTLE_ENDIAN, ...uids };
    const data = () => syntheticDataSet({ sopClass: CT_IMAGE_STORAGE, ...uids, pixelLength: 5000 });
    for await (const { result } of storeInstances([{ ...instance, data }], peer('CT02'))) expect(result).toBe('sent');
    const session = await openSession({ ...peer('ASKER'), services: [studyRoot] });
    await session.use(studyRoot).move({ destination: 'WORKSTATION', identifier }).final;
    await row('ASKER → ARCHIVE').click();
    await page.locator('.ladder').nth(1).getByText('C-STORE-RSP').waitFor();
    const [asked, served] = await Promise.all(
      [0, 1].map((index) => page.locator('.ladder').nth(index).locator('li').allTextContents()),
    );
    expect(asked?.some((text) => text.includes('C-MOVE-RQ'))).toBe(true);
    expect(asked?.some((text) => /C-MOVE-RSP .*success/.test(text))).toBe(true);
    expect(served?.some((text) => text.includes('C-STORE-RQ'))).toBe(true);
    expect(await page.locator('.ladder h3').nth(1).textContent()).toContain('WORKSTATION (SCP)');
    await picture('move');
    await session.release();
  });

  test('shows texts of peers as plain text, can be paused, and offers a capture', async () => {
    await open();
    const markup = '<b>x</b><img/>';
    const session = await openSession({ ...peer(markup), services: [verification] });
    await row(markup).click();
    await page.keyboard.press('p');
    await page.locator('#pause[aria-pressed="true"]').waitFor();
    await session.use(verification).echo();
    await new Promise((resolve) => setTimeout(resolve, 600));
    expect(await page.locator('.ladder li', { hasText: 'C-ECHO' }).count()).toBe(0);
    await page.keyboard.press('p');
    await page.locator('.ladder li', { hasText: 'C-ECHO-RSP' }).waitFor();
    await session.release();
    await page.locator('.ladder li', { hasText: 'A-RELEASE-RP' }).waitFor();
    const downloading = page.waitForEvent('download');
    await page.locator('#download').click();
    const path = await (await downloading).path();
    expect(readFileSync(path).length).toBeGreaterThan(500);
    const dumped = await runScu('dump', path);
    expect([dumped.exitCode, dumped.stdout]).toEqual([0, expect.stringContaining('C-ECHO-RSP')]);
  });

  test('never runs scripts in texts of peers, wherever they are shown', async () => {
    const script = '<img src=x onerror="document.title=`taken`">';
    const uids = { StudyInstanceUID: '1.2.66', SeriesInstanceUID: '1.2.66.0', SOPInstanceUID: '1.2.66.1' };
    const names = { PatientName: script, PatientID: script, StudyDescription: script, SOPClassUID: CT_IMAGE_STORAGE };
    const data = () => encodeDataSet({ ...uids, ...names }, EXPLICIT_VR_LITTLE_ENDIAN);
    const kind = { sopClass: CT_IMAGE_STORAGE, transferSyntax: EXPLICIT_VR_LITTLE_ENDIAN };
    const hostile = [{ ...kind, sopInstance: '1.2.66.1', data }];
    for await (const { result } of storeInstances(hostile, peer('<img src=x>'))) expect(result).toBe('sent');
    const station = '<svg/onload=a()>';
    const step = [
      '--key',
      `PatientName=${script}`,
      '--key',
      `PerformedStationAETitle=${station}`,
      '--key',
      'Modality=<B>',
    ];
    const archiveAddress = `ARCHIVE@127.0.0.1:${archive.port}`;
    expect(await runScu('mpps', archiveAddress, 'create', ...step)).toMatchObject({ exitCode: 0 });
    const refused = openSession({ ...peer('<i onclick=a()>'), calledAeTitle: '<script>a()', services: [verification] });
    await expect(refused).rejects.toThrow('called AE title');
    await open();
    await row('<i onclick=a()> → <script>a()').click();
    await page.locator('#study-list', { hasText: script }).waitFor();
    await page.locator('#steps', { hasText: station }).waitFor();
    await page.locator('.ladder', { hasText: 'A-ASSOCIATE-RJ' }).waitFor();
    await picture('hostile');
    const made = 'main i, main b, main script, main [onerror], main [onclick], main [onload], main img[src="x"]';
    expect(await page.locator(made).count()).toBe(0);
    expect(await page.title()).toBe('ARCHIVE – dimse-scp');
    // If a place does not escape, the content security policy stops the script.
    await page.evaluate(`document.body.insertAdjacentHTML('beforeend', ${JSON.stringify(script)})`);
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(await page.title()).toBe('ARCHIVE – dimse-scp');
    expect(faults.splice(0).join()).toMatch(/Content Security Policy/);
  });

  test('keeps the scroll position, and does not rebuild the selected entry', async () => {
    await open();
    await row('CT01 → ARCHIVE').click();
    const ladder = page.locator('.ladder ol').first();
    await ladder.locator('li.gap').waitFor();
    expect(await ladder.locator('li').first().textContent()).toContain('A-ASSOCIATE-RQ');
    type Scrolled = { scrollTop: number; firstElementChild: { id: string } };
    await ladder.evaluate((node) => {
      const list = node as unknown as Scrolled;
      list.scrollTop = 0;
      list.firstElementChild.id = 'mark';
    });
    const session = await openSession({ ...peer('ANOTHER'), services: [verification] });
    await row('ANOTHER').waitFor();
    await new Promise((resolve) => setTimeout(resolve, 600));
    const { scrollTop, firstElementChild } = await ladder.evaluate((node) => {
      const list = node as unknown as Scrolled;
      return { scrollTop: list.scrollTop, firstElementChild: { id: list.firstElementChild.id } };
    });
    expect([scrollTop, firstElementChild.id]).toEqual([0, 'mark']);
    await session.release();
    await picture('after-storing');
  });

  test('works by keyboard alone, on a phone and in dark mode', async () => {
    await open({ width: 390, height: 844, dark: true });
    await page.locator('#list button').first().focus();
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Enter');
    await page.locator('#detail').waitFor();
    const current = page.locator('#list button').nth(1);
    expect(await current.getAttribute('aria-current')).toBe('true');
    // No element is wider than the screen.
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(390);
    await picture('phone-dark');
    await page.keyboard.press('Escape');
    await page.locator('#detail').waitFor({ state: 'hidden' });
  });
});
