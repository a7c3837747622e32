// An editor shows the types of data sets in hover texts, completions and errors: checked by the language service.

import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { expect, test } from 'vitest';

/** The cursor is at `|`, which the code has once. */
const FILE = fileURLToPath(new URL('editor-sample.ts', import.meta.url));
const IMPORTS = `
import { studyRoot } from './services/query-retrieve.ts';
import { modalityWorklist } from './services/worklist.ts';
import type { Client } from './session/service-class.ts';
import type { PerformedProcedureStepUser } from './workflow/performed-procedure-step/performed-procedure-step-user.ts';
import type { UnifiedProcedureStepUser } from './workflow/unified-procedure-step/unified-procedure-step-user.ts';
declare const session: import('./session/service-class.ts').ServiceSession;
declare const modality: PerformedProcedureStepUser;
declare const workItems: UnifiedProcedureStepUser;
declare const archive: Client<typeof studyRoot>;
declare const ris: Client<typeof modalityWorklist>;
`;

let content = '';
let version = 0;
const options: ts.CompilerOptions = {
  module: ts.ModuleKind.NodeNext,
  target: ts.ScriptTarget.ES2022,
  strict: true,
  noEmit: true,
  allowImportingTsExtensions: true,
  customConditions: ['@x/source'],
  types: ['node'],
};
const service = ts.createLanguageService({
  getScriptFileNames: () => [FILE],
  getScriptVersion: (name) => (name === FILE ? `${version}` : '0'),
  getScriptSnapshot: (name) => {
    const text = name === FILE ? content : ts.sys.readFile(name);
    return text === undefined ? undefined : ts.ScriptSnapshot.fromString(text);
  },
  getCurrentDirectory: () => fileURLToPath(new URL('..', import.meta.url)),
  getCompilationSettings: () => options,
  getDefaultLibFileName: ts.getDefaultLibFilePath,
  fileExists: (name) => name === FILE || ts.sys.fileExists(name),
  readFile: ts.sys.readFile,
  directoryExists: ts.sys.directoryExists,
  getDirectories: ts.sys.getDirectories,
});

function at(code: string): number {
  const position = (IMPORTS + code).indexOf('|');
  content = (IMPORTS + code).replace('|', '');
  version++;
  return position;
}

function hover(code: string): string {
  const found = service.getQuickInfoAtPosition(FILE, at(code));
  return ts.displayPartsToString(found?.displayParts);
}

function completions(code: string): string[] {
  return (service.getCompletionsAtPosition(FILE, at(code), {})?.entries ?? []).map(({ name }) => name);
}

function errors(code: string): string[] {
  at(`|${code}`);
  return service
    .getSemanticDiagnostics(FILE)
    .map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, '\n'));
}

const LOOP = `for await (const match of archive.find({ identifier: { PatientName: '', StudyInstanceUID: '' } }))`;

test('hover texts name keywords and the types of their values', () => {
  expect(hover(`${LOOP} match.identifier?.Patient|Name;`)).toBe(
    '(property) PatientName?: PersonName | null | undefined',
  );
  expect(hover(`${LOOP} match.identi|fier;`)).toBe(
    '(property) identifier?: Pick<DataSet, "PatientName" | AddedAttribute> | undefined',
  );
  const method = hover(`archive.fi|nd({ identifier: { PatientName: '' } });`);
  expect(method).toContain('request: QueryRequest<Pick<StudyIdentifier, "PatientName">>');
  expect(method).toContain('Responses<MatchOf<"PatientName">>');
  expect(method.length).toBeLessThan(300);
});

test('the keys of the service class are completed in identifiers, and in the items of their sequences', () => {
  const study = completions(`archive.find({ identifier: { PatientName: '', | } });`);
  expect(study).toEqual(expect.arrayContaining(['QueryRetrieveLevel', 'ModalitiesInStudy', 'NumberOfFrames']));
  expect(study).not.toContain('ScheduledProcedureStepSequence');
  const step = completions(`ris.find({ identifier: { ScheduledProcedureStepSequence: [{ | }] } });`);
  expect(step).toEqual(expect.arrayContaining(['Modality', 'ScheduledStationAETitle']));
  expect(step).not.toContain('PatientName');
});

test('the attributes of performed procedure steps and work items are completed', () => {
  const series = completions('modality.begin(session, { PerformedSeriesSequence: [{ | }] });');
  expect(series).toEqual(expect.arrayContaining(['PerformingPhysicianName', 'ReferencedImageSequence']));
  expect(series).not.toContain('PatientName');
  const item = completions('workItems.create(session, { | });');
  expect(item).toEqual(expect.arrayContaining(['ProcedureStepLabel', 'ScheduledWorkitemCodeSequence']));
  expect(item).not.toContain('Rows');
  expect(errors(`void modality.begin(session, { PatientNam: 'Doe^Jane' });`)).toHaveLength(1);
});

test('other keywords of the dictionary may be keys', () => {
  expect(errors(`archive.find({ identifier: { QueryRetrieveLevel: 'STUDY', StationName: '' } });`)).toEqual([]);
  expect(errors(`ris.find({ identifier: { ScheduledProcedureStepSequence: [{ StationName: '' }] } });`)).toEqual([]);
});

test('the attributes of a response are the requested ones, and those that responses have always', () => {
  const found = completions(`${LOOP} match.identifier?.|;`);
  expect(found).toEqual(expect.arrayContaining(['PatientName', 'StudyInstanceUID', 'RetrieveAETitle']));
  expect(found.length).toBeLessThan(15);
});

test('an error names the keyword that was meant', () => {
  const [error, ...others] = errors(`archive.find({ identifier: { QueryRetrieveLevl: 'STUDY', PatientID: '' } });`);
  expect(error).toContain("'QueryRetrieveLevl' does not exist");
  expect(error).toContain("Did you mean to write 'QueryRetrieveLevel'?");
  expect(others).toEqual([]);
  expect(errors(`${LOOP} match.identifier?.StudyInstanceUDI;`)).toEqual([
    expect.stringContaining("Did you mean 'StudyInstanceUID'?"),
  ]);
});
