import type { Expression, Spanned, Statement } from '../syntax/ast.js';
import { PythonException, type Site } from '../values/exception.js';
import type { Binding, PyValue } from '../values/value.js';

/** The names of a file, a function call, a class body or a comprehension. */
export class Scope {
  readonly names = new Map<string, Binding>();
  readonly parent: Scope | undefined;
  /** Names that are assigned somewhere in the function, and so never those of an outer scope. */
  readonly #locals: ReadonlySet<string>;
  /** Names declared `global` or `nonlocal`. */
  readonly #outer: ReadonlyMap<string, 'Global' | 'Nonlocal'>;
  /** A comprehension's: `:=` in it assigns outside. */
  readonly isComprehension: boolean;

  constructor(parent?: Scope, body: FunctionNames = NO_NAMES, isComprehension = false) {
    this.parent = parent;
    this.#locals = body.locals;
    this.#outer = body.outer;
    this.isComprehension = isComprehension;
  }

  get globals(): Scope {
    return this.parent === undefined ? this : this.parent.globals;
  }

  find(name: string): PyValue | undefined {
    const binding = this.names.get(name);
    if (binding !== undefined) return binding.value;
    if (this.#outer.get(name) === 'Global') return this.globals.names.get(name)?.value;
    if (this.#locals.has(name)) {
      throw new PythonException(
        'UnboundLocalError',
        `cannot access local variable '${name}' where it is not associated with a value`,
      );
    }
    return this.parent?.find(name);
  }

  assign(name: string, value: PyValue, site: Site | undefined): void {
    this.#owner(name).names.set(name, { value, site });
  }

  /** As {@link assign}, out of any comprehension. */
  assignOutside(name: string, value: PyValue, site: Site | undefined): void {
    if (this.isComprehension && this.parent !== undefined) this.parent.assignOutside(name, value, site);
    else this.assign(name, value, site);
  }

  remove(name: string): void {
    if (!this.#owner(name).names.delete(name)) throw new PythonException('NameError', `name '${name}' is not defined`);
  }

  #owner(name: string): Scope {
    const declared = this.#outer.get(name);
    if (declared === undefined) return this;
    if (declared === 'Global') return this.globals;
    let scope = this.parent;
    while (scope?.parent !== undefined && !scope.names.has(name)) scope = scope.parent;
    return scope ?? this;
  }
}

interface FunctionNames {
  readonly locals: ReadonlySet<string>;
  readonly outer: ReadonlyMap<string, 'Global' | 'Nonlocal'>;
}

const NO_NAMES: FunctionNames = { locals: new Set(), outer: new Map() };

/** What a function's body assigns and declares. */
export function functionNames(body: readonly Statement[]): FunctionNames {
  const locals = new Set<string>();
  const outer = new Map<string, 'Global' | 'Nonlocal'>();
  const visit = (node: Statement | Expression): void => {
    if (node.kind === 'Global' || node.kind === 'Nonlocal') for (const name of node.names) outer.set(name, node.kind);
    for (const name of namesBoundBy(node)) locals.add(name);
    if (!OWN_SCOPE.has(node.kind)) for (const child of partsOf(node)) visit(child);
  };
  for (const statement of body) visit(statement);
  for (const name of outer.keys()) locals.delete(name);
  return { locals, outer };
}

const OWN_SCOPE = new Set([
  'FunctionDefinition',
  'ClassDefinition',
  'Lambda',
  'ListComprehension',
  'SetComprehension',
  'DictComprehension',
  'GeneratorExpression',
]);

function namesBoundBy(node: Statement | Expression): string[] {
  if (node.kind === 'FunctionDefinition' || node.kind === 'ClassDefinition') return [node.name];
  if (node.kind === 'Import' || node.kind === 'ImportFrom')
    return node.names.map(({ name, alias }) => alias ?? name.split('.')[0] ?? name);
  if (node.kind === 'NamedExpression') return [node.target.id];
  if (node.kind === 'Assign' || node.kind === 'Delete') return node.targets.flatMap(targetNames);
  if (node.kind === 'AugmentedAssign' || node.kind === 'AnnotatedAssign' || node.kind === 'For')
    return targetNames(node.target);
  const named = node.kind === 'With' ? node.items : node.kind === 'Try' ? node.handlers : [];
  return named.flatMap(({ name }) => name ?? []);
}

function targetNames(target: Expression): string[] {
  if (target.kind === 'Name') return [target.id];
  if (target.kind === 'Starred') return targetNames(target.value);
  return target.kind === 'Tuple' || target.kind === 'List' ? target.items.flatMap(targetNames) : [];
}

function partsOf(node: Spanned): (Statement | Expression)[] {
  const values = Object.values(node).flatMap((value: unknown) =>
    Array.isArray(value) ? (value as unknown[]) : [value],
  );
  return values.flatMap((item) => {
    if (typeof item !== 'object' || item === null || item instanceof Uint8Array) return [];
    return 'kind' in item ? [item as Statement] : partsOf(item as Spanned);
  });
}
