// A plugin of the build that marks the values of constants at the top of modules as pure, so that a bundler leaves out
// those that a program does not use. Evaluating a module of our packages has no effect (`sideEffects: false`), but bundlers
// cannot see that of calls such as `defineServiceClass(…)`, and would keep them and everything that they refer to.

import { readFile } from 'node:fs/promises';
import type { Options } from 'tsup';
import ts from 'typescript';

export const pureConstants: NonNullable<Options['esbuildPlugins']>[number] = {
  name: 'pure-constants',
  setup(build) {
    build.onLoad({ filter: /\/src\/.*\.ts$/ }, async ({ path }) => ({
      contents: withPureConstants(await readFile(path, 'utf8')),
      loader: 'ts',
    }));
  },
};

/** Wraps each value whose evaluation may have an effect in a function that is called at once and marked as pure. Lines stay as they are. */
export function withPureConstants(source: string): string {
  const file = ts.createSourceFile('module.ts', source, ts.ScriptTarget.Latest, true);
  const values = file.statements
    .filter(ts.isVariableStatement)
    .flatMap(({ declarationList }) => declarationList.declarations)
    .flatMap(({ initializer }) => (initializer && mayHaveEffect(initializer) ? [initializer] : []));
  let text = source;
  for (const value of values.reverse()) {
    const start = value.getStart(file);
    const body = text.slice(start, value.end);
    text = `${text.slice(0, start)}/* @__PURE__ */ (() => (${body}))()${text.slice(value.end)}`;
  }
  return text;
}

/** Whether a bundler may see an effect in the evaluation of the expression. The bodies of functions are not evaluated. */
function mayHaveEffect(node: ts.Node): boolean {
  if (ts.isFunctionLike(node)) return false;
  return EFFECTS.has(node.kind) || (ts.forEachChild(node, mayHaveEffect) ?? false);
}

/** Any of them may run code of others: a function, a getter, an iterator or a conversion. */
const EFFECTS: ReadonlySet<ts.SyntaxKind> = new Set([
  ts.SyntaxKind.CallExpression,
  ts.SyntaxKind.NewExpression,
  ts.SyntaxKind.TaggedTemplateExpression,
  ts.SyntaxKind.PropertyAccessExpression,
  ts.SyntaxKind.ElementAccessExpression,
  ts.SyntaxKind.SpreadElement,
  ts.SyntaxKind.SpreadAssignment,
  ts.SyntaxKind.ComputedPropertyName,
  ts.SyntaxKind.BinaryExpression,
]);
