// Writes `api.md` of each package: the declaration of every public name, without docstrings, and those that they refer to. A
// change of the public interface thus shows in review. With --check it writes nothing, prints the differences, and fails if there
// are any.

import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import ts from 'typescript';
import { aliased, declarationsOf, exportsOf, isGenerated, isOurs, loadDoors, top } from './public-names.mjs';

const isCheck = process.argv.includes('--check');
const { program, checker, packages } = loadDoors('types');
const printer = ts.createPrinter({ removeComments: true, newLine: ts.NewLineKind.LineFeed });
/** Most differing lines that are printed for each package. */
const MOST_SHOWN = 40;
let isDifferent = false;
/** The first door that gives each symbol, over all packages. */
const givenBy = new Map();

for (const { name, doors } of packages) {
  const path = join(top, 'packages', name, 'api.md');
  const text = reportOf(name, doors);
  const before = existsSync(path) ? readFileSync(path, 'utf8') : '';
  if (before === text) continue;
  isDifferent = true;
  if (isCheck) show(relative(top, path), before, text);
  else writeFileSync(path, text);
  process.stdout.write(`${relative(top, path)} ${isCheck ? 'differs' : 'is written'}\n`);
}
if (isCheck && isDifferent) {
  process.stderr.write('the public interface has changed: run "pnpm run api" and review the difference\n');
  process.exit(1);
}

function reportOf(name, doors) {
  const lines = [
    `# Public interface of @x/${name}`,
    '',
    'Generated from the build by `pnpm run api`; do not edit. A line that goes away or changes may break a user: see',
    '[versions](../../apps/docs/guide/versions.md). Comments are left out; `/internal` is outside semantic versioning.',
  ];
  const listed = doors.map((door) => ({ door, symbols: exportsOf(program, checker, door.types) }));
  const exported = new Set(listed.flatMap(({ symbols }) => symbols.map(([, symbol]) => symbol)));
  const reached = new Set();
  for (const { door, symbols } of listed) {
    lines.push('', `## ${door.name}`, '', '```ts');
    for (const [as, symbol] of symbols) {
      if (givenBy.has(symbol)) lines.push(`// ${as}: see ${givenBy.get(symbol)}`);
      else lines.push(...declared(symbol, as, reached));
      givenBy.set(symbol, givenBy.get(symbol) ?? door.name);
    }
    lines.push('```');
  }
  const others = [];
  for (const symbol of reached)
    if (!exported.has(symbol)) others.push([symbol.name, declared(symbol, symbol.name, reached)]);
  const sorted = others.sort(([one, text], [other, otherText]) =>
    `${one} ${text}` < `${other} ${otherText}` ? -1 : 1,
  );
  lines.push('', '## Declarations without a public name that the above refer to', '', '```ts');
  lines.push(...sorted.flatMap(([, each]) => each), '```', '');
  return lines.join('\n');
}

/** The declarations of a name as lines. Adds the symbols of this package that they refer to. */
function declared(symbol, as, reached) {
  const declarations = declarationsOf(symbol);
  if (declarations.some((each) => !isOurs(each))) return [`// ${as}: of another package`];
  const [first] = declarations;
  const origin = /packages\/(\w+)\//.exec(relative(top, first.getSourceFile().fileName))?.[1];
  if (declarations.some(isGenerated))
    return [`// ${as}: generated, ${digest(declarations.map((each) => each.getText()).join())}`];
  return declarations.flatMap((declaration) => {
    const statement = ts.isVariableDeclaration(declaration) ? declaration.parent.parent : declaration;
    collect(statement, origin, reached);
    const text = printer.printNode(ts.EmitHint.Unspecified, statement, statement.getSourceFile());
    return text
      .replace(/^export (declare )?|^declare /, '')
      .replace(/^ +#private;\n/gm, '')
      .split('\n');
  });
}

function collect(node, origin, reached) {
  const visit = (child) => {
    if (ts.isIdentifier(child)) {
      const found = checker.getSymbolAtLocation(child);
      const symbol = found && aliased(checker, found);
      const declaration = symbol?.declarations?.find((each) => isStatement(each) && isOurs(each));
      if (declaration?.getSourceFile().fileName.includes(`packages/${origin}/`)) reached.add(symbol);
    }
    ts.forEachChild(child, visit);
  };
  visit(node);
}

/** Declarations that a module has at its top. */
function isStatement(node) {
  return ts.isSourceFile(node.parent) || (ts.isVariableDeclaration(node) && ts.isSourceFile(node.parent.parent.parent));
}

function digest(text) {
  return `${text.split('\n').length} lines, ${createHash('sha256').update(text).digest('hex').slice(0, 16)}`;
}

/** Prints lines that only one of two texts has. */
function show(path, before, after) {
  const [old, now] = [before.split('\n'), after.split('\n')];
  const [kept, given] = [new Set(old), new Set(now)];
  const lines = [
    ...old.filter((line) => !given.has(line)).map((line) => `- ${line}`),
    ...now.filter((line) => !kept.has(line)).map((line) => `+ ${line}`),
  ];
  for (const line of lines.slice(0, MOST_SHOWN)) process.stdout.write(`${path}: ${line}\n`);
  if (lines.length > MOST_SHOWN) process.stdout.write(`${path}: and ${lines.length - MOST_SHOWN} more lines\n`);
}
