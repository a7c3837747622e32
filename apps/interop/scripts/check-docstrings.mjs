// Fails if a public name of a package has no docstring, and prints the share of those that have one. `--list` prints the
// names without one.
//
// Public names are the names of all doors except `/internal`, and their members at any depth: properties, options, methods and
// entries of constant tables. A class describes its constructor, and the first overload all of them. The page on errors lists the
// codes of errors, which has a test of its own.
//
// A member without a docstring also counts as described
// - if the type that it overrides or implements describes it;
// - if it belongs to a type without a name, such as the options in a parameter, and the docstring of the name that holds this type
//   mentions it.
//
// Exempt are names that the standard or the language defines, and that a docstring could only repeat:
// - modules that are generated from the tables of the standard, and properties named by a keyword of the data dictionary;
// - the tables of the state machine, whose rows and columns have the names of PS3.8 §9.2;
// - members whose name is a symbol, such as `Symbol.asyncDispose`;
// - properties that tell the variants of a union apart, whose type is one literal.

import { readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import ts from 'typescript';
import { declarationsOf, exportsOf, isGenerated, isOurs, loadDoors, membersOf, top } from './public-names.mjs';

const { program, checker, packages } = loadDoors('source');
let [described, all] = [0, 0];
const missing = [];
const seen = new Set();
/** Tables whose entries have the names of the standard. */
const TABLES = ['STATES', 'EVENTS', 'ACTIONS', 'TRANSITIONS'];
/** The keywords of the data dictionary, which the generated module has as its keys. */
const KEYWORDS = new Set(
  readFileSync(join(top, 'packages/dimse/src/data-set/attributes.generated.ts'), 'utf8').match(
    /\b[A-Z][A-Za-z0-9]+\b/g,
  ),
);

for (const { name, doors } of packages) {
  let [there, of] = [0, 0];
  const count = (place, node, isDescribed) => {
    of += 1;
    if (isDescribed) there += 1;
    else missing.push(`${place}  (${where(node)})`);
  };
  for (const door of doors)
    for (const [exported, symbol] of exportsOf(program, checker, door.source)) {
      const declarations = declarationsOf(symbol).filter(isOurs);
      if (seen.has(symbol) || declarations.length === 0) continue;
      seen.add(symbol);
      const place = `${door.name} ${exported}`;
      count(place, declarations[0], declarations.some(hasDocstring));
      if (TABLES.includes(exported)) continue;
      for (const declaration of declarations.filter((each) => !isGenerated(each)))
        for (const { path, node } of membersOf(declaration))
          if (!isExempt(node))
            count(`${place}.${path}`, node, hasDocstring(node) || isInherited(node) || isMentioned(node));
    }
  process.stdout.write(`@x/${name}: ${there} of ${of} public names have a docstring (${percent(there, of)})\n`);
  described += there;
  all += of;
}
process.stdout.write(`all packages: ${described} of ${all} (${percent(described, all)})\n`);
if (process.argv.includes('--list')) for (const line of missing) process.stdout.write(`${line}\n`);
else for (const line of missing.slice(0, 20)) process.stderr.write(`no docstring: ${line}\n`);
process.exit(missing.length > 0 ? 1 : 0);

function percent(part, whole) {
  return `${Math.floor((1000 * part) / whole) / 10} %`;
}

function where(node) {
  const file = node.getSourceFile();
  return `${relative(top, file.fileName)}:${file.getLineAndCharacterOfPosition(node.getStart()).line + 1}`;
}

/** A constant has the docstring of its statement. */
function hasDocstring(node) {
  const holder = ts.isVariableDeclaration(node) ? node.parent.parent : node;
  if (ts.isSetAccessor(node) || isLaterOverload(node)) return true;
  return ts.getJSDocCommentsAndTags(holder).some((each) => ts.isJSDoc(each) && (each.comment || each.tags?.length));
}

/** The first overload describes all of them. */
function isLaterOverload(node) {
  if (!ts.isMethodDeclaration(node) && !ts.isMethodSignature(node)) return false;
  const name = node.name.getText();
  const first = node.parent.members.find((each) => each.name?.getText() === name);
  return first !== node;
}

/** Whether the member of a type that the class or interface extends or implements has a docstring. */
function isInherited(node) {
  const owner = node.parent;
  if (!node.name || !(ts.isClassDeclaration(owner) || ts.isInterfaceDeclaration(owner))) return false;
  const isStatic = (ts.getCombinedModifierFlags(node) & ts.ModifierFlags.Static) !== 0;
  return (owner.heritageClauses ?? [])
    .flatMap((clause) => [...clause.types])
    .some((type) => {
      const base = isStatic ? checker.getTypeAtLocation(type.expression) : checker.getTypeAtLocation(type);
      const member = checker.getPropertyOfType(base, node.name.getText());
      return member?.declarations?.some((each) => !isOurs(each) || hasDocstring(each) || isInherited(each)) ?? false;
    });
}

/** Whether a member of a type without a name is mentioned by the docstring of the name that holds this type. */
function isMentioned(node) {
  if (!ts.isTypeLiteralNode(node.parent)) return false;
  let holder = node.parent.parent;
  while (!ts.isClassElement(holder) && !ts.isTypeElement(holder) && !ts.isStatement(holder)) holder = holder.parent;
  const texts = ts.getJSDocCommentsAndTags(holder).map((each) => each.getFullText());
  const mention = new RegExp(`\\b${node.name.getText()}\\b`);
  return texts.some((text) => mention.test(text)) || (isMemberOfLiteral(holder) && isMentioned(holder));
}

function isMemberOfLiteral(node) {
  return ts.isTypeElement(node) && ts.isTypeLiteralNode(node.parent);
}

function isExempt(node) {
  if (ts.isComputedPropertyName(node.name)) return true;
  if (!ts.isPropertySignature(node) && !ts.isPropertyDeclaration(node)) return false;
  return KEYWORDS.has(node.name.getText()) || (node.type !== undefined && isOneLiteral(node.type));
}

function isOneLiteral(type) {
  return ts.isLiteralTypeNode(type) || type.kind === ts.SyntaxKind.UndefinedKeyword;
}
