// Areas: several AE titles on one port, each with its own folder and rights.

import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runProgram } from '@x/cli/program';
import { openSession, SopClass, storage, studyRoot, verification } from '@x/dimse';
import { CT_IMAGE_STORAGE, EXPLICIT_VR_LITTLE_ENDIAN, syntheticDataSet } from '@x/testing/data-sets';
import { runInProcess } from '@x/testing/run-in-process';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type RunningArchive, runArchive } from '../test/running-archive.ts';
import { isSharedWorld, keptIn } from '../test/world.ts';
import { scpProgram } from './program.ts';

let folder: string;
let archive: RunningArchive | undefined;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'areas-'));
});
afterEach(async () => {
  await archive?.stop();
  archive = undefined;
  rmSync(folder, { recursive: true });
});

function configured(text: string): readonly string[] {
  const path = join(folder, 'scp.yaml');
  writeFileSync(path, text);
  return [...keptIn(join(folder, 'data')), '--config', path];
}

async function start(text: string, ...args: readonly string[]): Promise<void> {
  archive = await runArchive(...configured(text), ...args);
}

function calling(callingAeTitle: string, calledAeTitle: string) {
  return openSession({
    host: '127.0.0.1',
    port: archive?.port ?? 0,
    callingAeTitle,
    calledAeTitle,
    services: [studyRoot, storage, verification],
    contexts: [
      CT_IMAGE_STORAGE,
      SopClass.Verification,
      ...Object.values(studyRoot.sopClasses).map(({ uid }) => uid),
    ].map((abstractSyntax) => ({ abstractSyntax, transferSyntaxes: [EXPLICIT_VR_LITTLE_ENDIAN] })),
  });
}

async function store(callingAeTitle: string, calledAeTitle: string, study: string): Promise<number> {
  await using session = await calling(callingAeTitle, calledAeTitle);
  const instance = { sopClass: CT_IMAGE_STORAGE, sopInstance: `${study}.1.1` };
  const data = syntheticDataSet({ ...instance, study, series: `${study}.1` });
  const { status } = await session.use(storage).store({ ...instance, transferSyntax: EXPLICIT_VR_LITTLE_ENDIAN, data });
  return status;
}

async function studies(callingAeTitle: string, calledAeTitle: string): Promise<unknown[]> {
  await using session = await calling(callingAeTitle, calledAeTitle);
  const found: unknown[] = [];
  const identifier = { QueryRetrieveLevel: 'STUDY', StudyInstanceUID: '', RetrieveAETitle: '' } as const;
  for await (const match of session.use(studyRoot).find({ identifier }))
    found.push([match.identifier?.StudyInstanceUID, match.identifier?.RetrieveAETitle]);
  return found;
}

describe('areas of the configuration file', () => {
  test.skipIf(isSharedWorld)(
    'have their own folders and indexes, and the layout of the archive itself is unchanged',
    async () => {
      await start('aet: MAIN\nareas:\n  CARDIO:\n  "NEURO LAB": { folder: neuro }\n');
      await store('CT', 'MAIN', '1.1');
      await store('CT', 'CARDIO', '1.2');
      await store('CT', 'NEURO LAB', '1.3');
      expect(await studies('WS', 'MAIN')).toEqual([['1.1', ['MAIN']]]);
      expect(await studies('WS', 'CARDIO')).toEqual([['1.2', ['CARDIO']]]);
      expect(await studies('WS', 'NEURO LAB')).toEqual([['1.3', ['NEURO LAB']]]);
      for (const path of ['1.1', '../areas/CARDIO/instances/1.2', '../areas/neuro/instances/1.3'])
        expect(existsSync(join(folder, 'data/instances', path))).toBe(true);
      await expect(studies('WS', 'OTHER')).rejects.toMatchObject({ result: 1, source: 1, reason: 7 });
    },
  );

  test.skipIf(isSharedWorld)('refuse requests beyond the rights of the calling AE title, and audit them', async () => {
    const log = join(folder, 'audit');
    await start(
      'areas:\n  CARDIO: { write: [CT], read: [WS], move: [MOVER], max-associations: 2 }\n',
      ...['--audit-log', log],
    );
    expect(await store('CT', 'CARDIO', '1.2')).toBe(0);
    expect(await studies('WS', 'CARDIO')).toHaveLength(1);
    await expect(store('WS', 'CARDIO', '1.3')).rejects.toMatchObject({
      status: 0x0124,
      errorComment: 'WS may not write in CARDIO',
    });
    await expect(studies('CT', 'CARDIO')).rejects.toMatchObject({ status: 0xc001 });
    const identifier = { QueryRetrieveLevel: 'STUDY', StudyInstanceUID: '1.2' } as const;
    {
      await using session = await calling('WS', 'CARDIO');
      const { move } = session.use(studyRoot);
      await expect(move({ identifier, destination: 'WS' }).final).rejects.toMatchObject({ status: 0x0124 });
      expect((await session.use(verification).echo()).status).toBe(0);
    }
    {
      await using session = await calling('CT', 'CARDIO');
      await expect(session.use(studyRoot).get({ identifier }).final).rejects.toMatchObject({ status: 0x0124 });
    }
    await expect(store('STRANGER', 'CARDIO', '1.4')).rejects.toMatchObject({ result: 1, source: 1, reason: 3 });
    // The archive itself has its own rules.
    expect(await store('STRANGER', 'DIMSE', '1.4')).toBe(0);
    await archive?.stop();
    archive = undefined;
    const refused = readFileSync(log, 'utf8')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line))
      .filter(({ EventIdentification: { EventOutcomeDescription: words } }) => /not authorized/.test(words));
    expect(refused).toHaveLength(3);
    expect(refused[0].ActiveParticipant[1].AlternativeUserID).toBe('AETITLES=CARDIO');
  });

  test.skipIf(isSharedWorld)('are only read by their readers, by C-MOVE too', async () => {
    await start('areas:\n  CARDIO: { write: [CT], read: [WS] }\n');
    expect(await store('CT', 'CARDIO', '1.2')).toBe(0);
    const identifier = { QueryRetrieveLevel: 'STUDY', StudyInstanceUID: '1.2' } as const;
    await using session = await calling('CT', 'CARDIO');
    const moving = session.use(studyRoot).move({ identifier, destination: 'CT' });
    await expect(moving.final).rejects.toMatchObject({ status: 0x0124 });
    await expect(calling('STRANGER', 'CARDIO')).rejects.toMatchObject({ result: 1, source: 1, reason: 3 });
  });

  test.each([
    ['areas: [CARDIO]', /scp\.yaml:1:1: areas: a mapping of AE titles to settings is needed/],
    ['areas:\n  CARDIO: 5', /scp\.yaml:2:3: areas: CARDIO: a mapping of settings is needed/],
    ['areas:\n  "A TITLE THAT IS TOO LONG": {}', /scp\.yaml:2:3: areas: .* an AE title has 1 to 16 characters/],
    ['areas:\n  CARDIO: { raed: [A] }', /scp\.yaml:2:13: unknown setting 'raed'; did you mean 'read'\?/],
    ['areas:\n  CARDIO: { port: 104 }', /scp\.yaml:2:13: unknown setting 'port'/],
    ['areas:\n  "A/B": {}', /scp\.yaml:2:3: areas: A\/B: the name of a folder is needed.*set 'folder'/],
    ['areas:\n  A: { folder: ".." }', /the name of a folder is needed/],
    ['areas:\n  LPT1: {}', /the name of a folder is needed/],
    ['areas:\n  A: {}\n  b: { folder: a }', /scp\.yaml:3:3: areas: b and A have the same folder/],
    ['areas:\n  DIMSE: {}', /scp\.yaml:2:3: areas: DIMSE is the AE title of the archive itself/],
    ['promiscuous-called: true\nareas:\n  A: {}', /scp\.yaml:3:3: areas need called AE titles: leave out/],
  ])('are refused with their line as %j', async (text, message) => {
    const outcome = await runInProcess((context) => runProgram(scpProgram(), context), configured(text));
    expect(outcome.exitCode).toBe(2);
    expect(outcome.stderr).toMatch(message);
  });
});

describe('transfer syntaxes of instances', () => {
  const [IMPLICIT, DEFLATED, PRIVATE] = ['1.2.840.10008.1.2', '1.2.840.10008.1.2.1.99', '1.2.3.4'];
  const chosen = async (calledAeTitle: string, transferSyntaxes: readonly string[]) => {
    await using session = await openSession({
      ...{ host: '127.0.0.1', port: archive?.port ?? 0, callingAeTitle: 'CT', calledAeTitle, services: [storage] },
      contexts: [{ abstractSyntax: CT_IMAGE_STORAGE, transferSyntaxes }],
    });
    return [...session.association.contexts.values()][0]?.transferSyntax;
  };

  test.skipIf(isSharedWorld)('are preferred or restricted, also by area', async () => {
    await start(
      'prefer-syntax: [DeflatedExplicitVRLittleEndian]\nareas:\n  PLAIN: { accept-syntax: [ExplicitVRLittleEndian, ImplicitVRLittleEndian], prefer-syntax: [] }\n',
    );
    expect(await chosen('DIMSE', [IMPLICIT, EXPLICIT_VR_LITTLE_ENDIAN, DEFLATED])).toBe(DEFLATED);
    expect(await chosen('DIMSE', [PRIVATE])).toBe(PRIVATE);
    expect(await chosen('PLAIN', [DEFLATED, IMPLICIT, EXPLICIT_VR_LITTLE_ENDIAN])).toBe(EXPLICIT_VR_LITTLE_ENDIAN);
    expect(await chosen('PLAIN', [DEFLATED])).toBeUndefined();
  });

  test('that are preferred must be accepted', async () => {
    const lines = 'accept-syntax: [ImplicitVRLittleEndian]\nprefer-syntax: [JPEG2000Lossless]\n';
    const outcome = await runInProcess((context) => runProgram(scpProgram(), context), configured(lines));
    expect(outcome).toMatchObject({
      exitCode: 2,
      stderr: expect.stringMatching(/JPEG 2000.* is not one of --accept-syntax/),
    });
  });
});
