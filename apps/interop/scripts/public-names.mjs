// The public names of our packages, as the declarations of the build give them to a compiler: every name of every door, the
// declarations that these refer to, and the members of all of them.

import { existsSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';

export const top = fileURLToPath(new URL('../../..', import.meta.url));
export const PACKAGES = ['pdu', 'net', 'dimse'];

/** Modules that are generated from the tables of the standard. Their entries have the names of the standard. */
const GENERATED = /\.generated(\.d)?\.ts$/;

/** The doors of a package that are inside semantic versioning, with their sources and declarations. `/internal` is not. */
export function doorsOf(name) {
  const folder = join(top, 'packages', name);
  const { exports } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  return Object.entries(exports).flatMap(([path, door]) => {
    if (!door['@x/source'] || path === './internal') return [];
    const [source, types] = [door['@x/source'], door.import.types].map((file) => join(folder, file));
    return [{ name: `@x/${name}${path.slice(1)}`, source, types }];
  });
}

/**
 * A program of all doors, and their checker.
 * @param form The sources of the doors, or the declarations that the build made of them.
 */
export function loadDoors(form) {
  const packages = PACKAGES.map((name) => ({ name, doors: doorsOf(name) }));
  const files = packages.flatMap(({ doors }) => doors.map((door) => door[form]));
  const missing = files.find((file) => !existsSync(file));
  if (missing) throw new Error(`${relative(top, missing)} does not exist: run "pnpm run build" first`);
  const { config } = ts.readConfigFile(join(top, 'tsconfig.base.json'), ts.sys.readFile);
  const { options } = ts.parseJsonConfigFileContent({ ...config, files: [] }, ts.sys, top);
  const program = ts.createProgram(files, {
    ...options,
    types: ['node'],
    typeRoots: [join(top, 'node_modules/@types')],
    ...(form === 'types' && { customConditions: [] }),
  });
  return { program, checker: program.getTypeChecker(), packages };
}

/** The symbols that a door exports, by name, in alphabetical order. */
export function exportsOf(program, checker, file) {
  const module = checker.getSymbolAtLocation(program.getSourceFile(file));
  return checker
    .getExportsOfModule(module)
    .map((symbol) => [symbol.name, aliased(checker, symbol)])
    .sort(([one], [other]) => (one < other ? -1 : 1));
}

/** The symbol that an import or a re-export stands for. */
export function aliased(checker, symbol) {
  return symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol;
}

/** The declarations of a symbol; a constant is declared by its statement. */
export function declarationsOf(symbol) {
  return (symbol.declarations ?? []).filter((each) => !ts.isSourceFile(each));
}

/** Whether a declaration lies in one of our packages. */
export function isOurs(node) {
  return relative(top, node.getSourceFile().fileName).startsWith('packages/');
}

export function isGenerated(node) {
  return GENERATED.test(node.getSourceFile().fileName);
}

/**
 * The members that a user can name: properties, options, methods, accessors, and the entries of constant tables,
 * at any depth. The bodies of functions and the arguments of calls have none.
 */
export function membersOf(declaration) {
  const found = [];
  const visit = (node, path) => {
    if (isHidden(node)) return;
    const below = isMember(node) ? [...path, nameOf(node)] : path;
    if (isMember(node)) found.push({ path: below.join('.'), node });
    for (const child of publicPartsOf(node)) visit(child, below);
  };
  for (const child of publicPartsOf(declaration)) visit(child, []);
  return found;
}

function publicPartsOf(node) {
  const parts = [];
  ts.forEachChild(node, (child) => {
    // A class describes its constructor.
    if (ts.isBlock(child) || ts.isConstructorDeclaration(child)) return;
    if (child !== node.initializer) parts.push(child);
    else if (ts.isVariableDeclaration(node)) {
      const table = tableIn(child);
      if (table && !node.type) parts.push(table);
    }
  });
  return parts;
}

/** The object of a constant: `{ … } as const`, `{ … } satisfies T`, `Object.freeze({ … })`. */
function tableIn(node) {
  if (ts.isAsExpression(node) || ts.isSatisfiesExpression(node)) return tableIn(node.expression);
  if (ts.isCallExpression(node) && node.expression.getText() === 'Object.freeze') return tableIn(node.arguments[0]);
  return ts.isObjectLiteralExpression(node) ? node : undefined;
}

function isMember(node) {
  return (
    ts.isPropertySignature(node) ||
    ts.isMethodSignature(node) ||
    ts.isPropertyDeclaration(node) ||
    ts.isMethodDeclaration(node) ||
    ts.isGetAccessor(node) ||
    ts.isSetAccessor(node) ||
    ts.isPropertyAssignment(node)
  );
}

function nameOf(node) {
  return node.name.getText();
}

/** Private members. */
function isHidden(node) {
  const isPrivate = ts.canHaveModifiers(node) && (ts.getCombinedModifierFlags(node) & ts.ModifierFlags.Private) !== 0;
  return isPrivate || (isMember(node) && ts.isPrivateIdentifier(node.name));
}
