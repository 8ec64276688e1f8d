import { mmcompatErrors } from '../errors.js';
import type {
  AugmentedAssign,
  ClassDefinition,
  Expression,
  For,
  FunctionDefinition,
  Import,
  ImportFrom,
  Module,
  Raise,
  Statement,
  Try,
  While,
} from '../syntax/ast.js';
import type { PythonSource } from '../syntax/source.js';
import { binary } from '../values/arithmetic.js';
import { iterate, truth } from '../values/compare.js';
import { PySet } from '../values/dict.js';
import { type ExceptionName, PythonException, type Site, typeError, valueError } from '../values/exception.js';
import { deleteItem, getItem, setItem } from '../values/items.js';
import { str } from '../values/repr.js';
import { type NativeHost, PyError, PyNative, PyTuple, PyType, type PyValue, typeName } from '../values/value.js';
import { deleteAttribute, getAttribute, setAttribute } from './attributes.js';
import type { Budget } from './budget.js';
import { Evaluator } from './evaluator.js';
import { PyFunction } from './function.js';
import { Scope } from './scope.js';

/** What the files of one config share. */
export interface Session {
  readonly budget: Budget;
  env(name: string): string | undefined;
}

/** What import statements give. */
export interface Importer {
  /** The names that `import a.b` or `import a.b as c` binds. */
  import(node: Import): Iterable<readonly [string, PyValue]>;
  from(node: ImportFrom): Iterable<readonly [string, PyValue]>;
}

/** How a block ended: with its last statement, or by one of these. */
type Ending = 'break' | 'continue' | { readonly returned: PyValue } | undefined;

/** Runs the statements of one Python file. Nothing outside of its own values is reached, but through the importer. */
export class Interpreter implements NativeHost {
  readonly source: PythonSource;
  readonly budget: Budget;
  readonly #session: Session;
  readonly #importer: Importer;
  readonly #evaluator: Evaluator = new Evaluator(this);

  constructor(source: PythonSource, session: Session, importer: Importer) {
    this.source = source;
    this.budget = session.budget;
    this.#session = session;
    this.#importer = importer;
  }

  /** @throws PythonException, `ENGINE_MMCOMPAT_UNSUPPORTED`, and those of {@link Budget} */
  run({ body }: Pick<Module, 'body'>, globals: Scope): void {
    this.#block(body, globals);
  }

  evaluate(node: Expression, scope: Scope): PyValue {
    return this.#evaluator.value(node, scope);
  }

  functionBody(body: readonly Statement[], scope: Scope): PyValue {
    const ending = this.#block(body, scope);
    return typeof ending === 'object' ? ending.returned : null;
  }

  call(callee: PyValue, args: readonly PyValue[], named: ReadonlyMap<string, PyValue> = new Map()): PyValue {
    this.budget.step();
    this.budget.enter();
    try {
      if (!(callee instanceof PyFunction)) for (const value of [...args, ...named.values()]) this.budget.weigh(value);
      if (callee instanceof PyFunction) return callee.call(args, named);
      if (callee instanceof PyNative) return callee.run({ args, named, host: this });
      if (callee instanceof PyType && callee.make !== undefined) return callee.make({ args, named, host: this });
      throw typeError(`'${callee instanceof PyType ? callee.name : typeName(callee)}' object is not callable here`);
    } finally {
      this.budget.leave();
    }
  }

  attribute(value: PyValue, name: string): PyValue {
    return getAttribute(value, name);
  }

  allocate(count: number | bigint): void {
    this.budget.allocate(count);
  }

  step(): void {
    this.budget.step();
  }

  env(name: string): string | undefined {
    return this.#session.env(name);
  }

  unsupported(construct: string, start: number): Error {
    return mmcompatErrors.UNSUPPORTED({
      subject: construct,
      expected: 'a config: values, functions of values, imports',
      received: construct,
      action: `write the config without ${construct}`,
      at: this.source.locate(start),
    });
  }

  /** @throws TypeError, ValueError (Python's) */
  assign(target: Expression, value: PyValue, scope: Scope, site?: Site): void {
    // what is put into a dict of a base is copied
    if (target.kind === 'Attribute' || target.kind === 'Subscript') this.budget.weigh(value);
    if (target.kind === 'Name') scope.assign(target.id, value, site ?? this.#site(target));
    else if (target.kind === 'Attribute')
      setAttribute(this.evaluate(target.value, scope), { name: target.attr, value, site: this.#site(target) });
    else if (target.kind === 'Subscript') {
      const container = this.evaluate(target.value, scope);
      setItem(container, { index: this.evaluate(target.index, scope), value, site: this.#site(target) }, (each) => [
        ...this.#evaluator.all(each),
      ]);
    } else if (target.kind === 'Tuple' || target.kind === 'List') this.#unpack(target.items, value, scope);
  }

  #site(node: { readonly start: number }): Site {
    return { source: this.source, start: node.start };
  }

  #unpack(targets: readonly Expression[], value: PyValue, scope: Scope): void {
    const values = [...this.#evaluator.all(value)];
    const star = targets.findIndex(({ kind }) => kind === 'Starred');
    const fixed = star === -1 ? targets.length : targets.length - 1;
    if (values.length < fixed)
      throw valueError(`not enough values to unpack (expected ${fixed}, got ${values.length})`);
    if (star === -1 && values.length > fixed) throw valueError(`too many values to unpack (expected ${fixed})`);
    const taken = values.length - fixed;
    for (const [index, target] of targets.entries()) {
      if (target.kind === 'Starred') this.assign(target.value, values.slice(index, index + taken), scope);
      else this.assign(target, values[star !== -1 && index > star ? index + taken - 1 : index] ?? null, scope);
    }
  }

  #block(statements: readonly Statement[], scope: Scope): Ending {
    for (const statement of statements) {
      const ending = this.#statement(statement, scope);
      if (ending !== undefined) return ending;
    }
    return undefined;
  }

  #statement(node: Statement, scope: Scope): Ending {
    this.budget.step();
    try {
      return this.#run(node, scope);
    } catch (error) {
      if (error instanceof PythonException) error.site ??= this.#site(node);
      throw error;
    }
  }

  #run(node: Statement, scope: Scope): Ending {
    switch (node.kind) {
      case 'Assign': {
        const value = this.evaluate(node.value, scope);
        for (const target of node.targets) this.assign(target, value, scope);
        return undefined;
      }
      case 'AugmentedAssign':
        return this.#augment(node, scope);
      case 'AnnotatedAssign':
        if (node.value !== undefined) this.assign(node.target, this.evaluate(node.value, scope), scope);
        return undefined;
      case 'Expression':
        this.evaluate(node.value, scope);
        return undefined;
      case 'Delete':
        for (const target of node.targets) this.#delete(target, scope);
        return undefined;
      case 'Pass':
      case 'Global':
      case 'Nonlocal':
        return undefined;
      case 'Break':
        return 'break';
      case 'Continue':
        return 'continue';
      case 'Return':
        return { returned: node.value === undefined ? null : this.evaluate(node.value, scope) };
      case 'If':
        return this.#block(truth(this.evaluate(node.test, scope)) ? node.body : node.otherwise, scope);
      case 'For':
        return this.#for(node, scope);
      case 'While':
        return this.#while(node, scope);
      case 'FunctionDefinition':
        return this.#define(node, scope);
      case 'ClassDefinition':
        return this.#class(node, scope);
      case 'Import':
        return this.#bindAll(this.#importer.import(node), scope, node);
      case 'ImportFrom':
        return this.#bindAll(this.#importer.from(node), scope, node);
      case 'Assert':
        if (truth(this.evaluate(node.test, scope))) return undefined;
        throw new PythonException(
          'AssertionError',
          node.message === undefined ? '' : str(this.evaluate(node.message, scope)),
        );
      case 'Raise':
        throw this.#raised(node, scope);
      case 'Try':
        return this.#try(node, scope);
      case 'With':
        throw this.unsupported('with', node.start);
      case 'Unsupported':
        throw this.unsupported(node.construct, node.start);
    }
  }

  #bindAll(names: Iterable<readonly [string, PyValue]>, scope: Scope, node: Statement): undefined {
    for (const [name, value] of names) scope.assign(name, value, this.#site(node));
  }

  #augment({ target, operator, value: node }: AugmentedAssign, scope: Scope): undefined {
    const at = this.#site(target);
    if (target.kind === 'Name') {
      const value = this.#inPlace(operator, this.evaluate(target, scope), this.evaluate(node, scope));
      scope.assign(target.id, value, at);
    } else if (target.kind === 'Attribute') {
      const container = this.evaluate(target.value, scope);
      const value = this.#inPlace(operator, getAttribute(container, target.attr), this.evaluate(node, scope));
      setAttribute(container, { name: target.attr, value, site: at });
    } else if (target.kind === 'Subscript') {
      const container = this.evaluate(target.value, scope);
      const index = this.evaluate(target.index, scope);
      const value = this.#inPlace(operator, getItem(container, index), this.evaluate(node, scope));
      setItem(container, { index, value, site: at }, (each) => [...iterate(each)]);
    }
  }

  /** Lists and sets change themselves. */
  #inPlace(operator: AugmentedAssign['operator'], left: PyValue, right: PyValue): PyValue {
    this.budget.weigh(right);
    if (!Array.isArray(left)) this.budget.weigh(left);
    if (Array.isArray(left) && operator === '+') {
      const added = [...this.#evaluator.all(right)];
      this.allocate(added.length);
      for (const value of added) left.push(value);
      return left;
    }
    const result = binary(operator, [left, right], this);
    if (Array.isArray(left) && Array.isArray(result)) {
      left.splice(0, left.length);
      for (const value of result) left.push(value);
      return left;
    }
    if (!(left instanceof PySet && result instanceof PySet) || left.isFrozen) return result;
    left.members.clear();
    for (const value of result.members.values()) left.add(value);
    return left;
  }

  #delete(target: Expression, scope: Scope): void {
    if (target.kind === 'Name') scope.remove(target.id);
    else if (target.kind === 'Attribute') deleteAttribute(this.evaluate(target.value, scope), target.attr);
    else if (target.kind === 'Subscript')
      deleteItem(this.evaluate(target.value, scope), this.evaluate(target.index, scope));
    else if (target.kind === 'Tuple' || target.kind === 'List')
      for (const item of target.items) this.#delete(item, scope);
  }

  #for({ target, iterable, body, otherwise }: For, scope: Scope): Ending {
    for (const value of this.#evaluator.all(this.evaluate(iterable, scope))) {
      this.assign(target, value, scope);
      const ending = this.#block(body, scope);
      if (ending === 'break') return undefined;
      if (typeof ending === 'object') return ending;
    }
    return this.#block(otherwise, scope);
  }

  #while({ test, body, otherwise }: While, scope: Scope): Ending {
    while (truth(this.evaluate(test, scope))) {
      const ending = this.#block(body, scope);
      if (ending === 'break') return undefined;
      if (typeof ending === 'object') return ending;
    }
    return this.#block(otherwise, scope);
  }

  #define(node: FunctionDefinition, scope: Scope): undefined {
    if (node.decorators.length > 0) throw this.unsupported('a decorator', node.decorators[0]?.start ?? node.start);
    scope.assign(node.name, this.#evaluator.function(node.name, node, scope), this.#site(node));
  }

  /** A class can be named, and its constants read; nothing makes an instance of it. */
  #class(node: ClassDefinition, scope: Scope): undefined {
    for (const { value } of node.args) this.evaluate(value, scope);
    const inner = new Scope(scope);
    this.#block(node.body, inner);
    const members = new Map(Array.from(inner.names, ([name, { value }]) => [name, value]));
    scope.assign(node.name, new PyType(node.name, undefined, members), this.#site(node));
  }

  #raised({ value: node }: Raise, scope: Scope): PythonException {
    if (node === undefined) return new PythonException('RuntimeError', 'No active exception to reraise');
    const value = this.evaluate(node, scope);
    const error = value instanceof PyType ? this.call(value, []) : value;
    if (!(error instanceof PyError)) return typeError('exceptions must derive from BaseException');
    return new PythonException(error.typeName as ExceptionName, error.message);
  }

  #try(node: Try, scope: Scope): Ending {
    let ending: Ending;
    try {
      ending = this.#block(node.body, scope) ?? this.#block(node.otherwise, scope);
    } catch (error) {
      if (!(error instanceof PythonException)) throw error;
      const handler = node.handlers.find(
        ({ type }) => type === undefined || this.#catches(this.evaluate(type, scope), error),
      );
      if (handler === undefined) {
        this.#block(node.finally, scope);
        throw error;
      }
      if (handler.name !== undefined)
        scope.assign(handler.name, new PyError(error.type, error.message), this.#site(handler));
      ending = this.#block(handler.body, scope);
      if (handler.name !== undefined) scope.remove(handler.name);
    }
    return this.#block(node.finally, scope) ?? ending;
  }

  #catches(type: PyValue, error: PythonException): boolean {
    if (type instanceof PyTuple) return type.items.some((each) => this.#catches(each, error));
    return type instanceof PyType && (type.name === 'BaseException' || error.is(type.name as ExceptionName));
  }
}
