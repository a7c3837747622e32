// The parameters of the public functions of a package that take options, read from their types: for tests of all of them.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';

/**
 * Lists the parameters with at least one optional property: of the functions that the doors of a package export, of the
 * constructors and methods of the classes that they export, and of the methods of the objects that these functions return. For
 * instance `listen(options)` or `Listener#close(options)`; a parameter without a name is given by its position.
 */
export function optionParameters(packageFolder: URL): string[] {
  const folder = fileURLToPath(packageFolder);
  const { config } = ts.readConfigFile(join(folder, 'tsconfig.json'), ts.sys.readFile);
  const { options } = ts.parseJsonConfigFileContent(config, ts.sys, folder);
  const doors = doorsOf(folder);
  const program = ts.createProgram(doors, options);
  const sweep = new Sweep(program.getTypeChecker());
  for (const door of doors) sweep.door(program.getSourceFile(door));
  return [...sweep.found].sort();
}

function doorsOf(folder: string): string[] {
  const { exports } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as {
    readonly exports: Readonly<Record<string, string | { readonly '@x/source'?: string }>>;
  };
  return Object.entries(exports).flatMap(([path, door]) => {
    const source = typeof door === 'string' ? undefined : door['@x/source'];
    return source && path !== './internal' ? [join(folder, source)] : [];
  });
}

class Sweep {
  readonly found = new Set<string>();
  readonly #checker: ts.TypeChecker;
  readonly #seen = new Set<ts.Symbol>();

  constructor(checker: ts.TypeChecker) {
    this.#checker = checker;
  }

  door(file: ts.SourceFile | undefined): void {
    const module = file && this.#checker.getSymbolAtLocation(file);
    if (!module) throw new Error('a door has no names');
    for (const exported of this.#checker.getExportsOfModule(module)) {
      const symbol = exported.flags & ts.SymbolFlags.Alias ? this.#checker.getAliasedSymbol(exported) : exported;
      if (!(symbol.flags & ts.SymbolFlags.Value)) continue;
      const type = this.#checker.getTypeOfSymbol(symbol);
      this.#signatures(exported.name, type.getCallSignatures());
      this.#signatures(`new ${exported.name}`, type.getConstructSignatures());
      if (symbol.flags & ts.SymbolFlags.Class) this.#methods(`${exported.name}.`, type);
    }
  }

  #signatures(name: string, signatures: readonly ts.Signature[]): void {
    for (const signature of signatures) {
      for (const [index, parameter] of signature.parameters.entries())
        if (this.#takesOptions(this.#checker.getTypeOfSymbol(parameter)))
          this.found.add(`${name}(${parameter.name.startsWith('__') ? index + 1 : parameter.name})`);
      this.#object(signature.getReturnType());
    }
  }

  /** The methods of an object that a function returns, or a promise of it. */
  #object(returned: ts.Type): void {
    const type = this.#checker.getAwaitedType(returned) ?? returned;
    const { symbol } = type;
    if (!symbol || this.#seen.has(symbol) || !isOurs(symbol)) return;
    if (!(symbol.flags & (ts.SymbolFlags.Class | ts.SymbolFlags.Interface))) return;
    this.#seen.add(symbol);
    this.#methods(`${symbol.name}#`, type);
  }

  #methods(prefix: string, type: ts.Type): void {
    for (const property of type.getProperties())
      if (!/^(__|#|prototype$)/.test(property.name))
        this.#signatures(prefix + property.name, this.#checker.getTypeOfSymbol(property).getCallSignatures());
  }

  #takesOptions(type: ts.Type): boolean {
    const present = this.#checker.getNonNullableType(type);
    return (present.isUnion() ? present.types : [present]).some(
      (each) =>
        (each.flags & (ts.TypeFlags.Object | ts.TypeFlags.Intersection)) !== 0 &&
        each.getCallSignatures().length === 0 &&
        !each.getNumberIndexType() &&
        !each.getStringIndexType() &&
        !(each.symbol && each.symbol.flags & ts.SymbolFlags.Class) &&
        (isOurs(each.symbol) || isMapped(each)) &&
        each.getProperties().length < MOST_OPTIONS &&
        each.getProperties().some(({ flags }) => flags & ts.SymbolFlags.Optional),
    );
  }
}

/** Data sets have some thousands of properties. */
const MOST_OPTIONS = 1000;

/** Whether it is declared in our packages, rather than by Node.js or the language. */
function isOurs(symbol: ts.Symbol | undefined): boolean {
  return (symbol?.declarations ?? []).some((declaration) => !/node_modules/.test(declaration.getSourceFile().fileName));
}

/** `Pick<…>`, for instance, or a combination of types. */
function isMapped(type: ts.Type): boolean {
  return type.isIntersection() || ((type as ts.ObjectType).objectFlags & ts.ObjectFlags.Mapped) !== 0;
}
