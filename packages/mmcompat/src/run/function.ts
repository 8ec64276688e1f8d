import type { Expression, Parameter, Statement } from '../syntax/ast.js';
import { PyDict } from '../values/dict.js';
import { typeError } from '../values/exception.js';
import { PyObject, PyTuple, type PyValue } from '../values/value.js';
import { functionNames, Scope } from './scope.js';

/** What a function is made of. */
export interface FunctionParts {
  readonly name: string;
  readonly parameters: readonly Parameter[];
  readonly defaults: ReadonlyMap<string, PyValue>;
  /** A lambda's is an expression. */
  readonly body: readonly Statement[] | Expression;
  readonly closure: Scope;
  /** Runs the body in a scope, in the file that the function stands in. */
  run(scope: Scope): PyValue;
}

/** A function or lambda of a config. */
export class PyFunction extends PyObject {
  readonly typeName = 'function';
  readonly #parts: FunctionParts;
  #names: ReturnType<typeof functionNames> | undefined;

  constructor(parts: FunctionParts) {
    super();
    this.#parts = parts;
  }

  get name(): string {
    return this.#parts.name;
  }

  /** @throws TypeError (Python's) for arguments that do not fit */
  call(args: readonly PyValue[], named: ReadonlyMap<string, PyValue>): PyValue {
    return this.#parts.run(this.#scopeOf(args, named));
  }

  #scopeOf(args: readonly PyValue[], named: ReadonlyMap<string, PyValue>): Scope {
    const { body, closure, parameters } = this.#parts;
    this.#names ??= functionNames('kind' in body ? [] : body);
    const scope = new Scope(closure, this.#names);
    const bind = (name: string | undefined, value: PyValue) =>
      name === undefined ? undefined : scope.names.set(name, { value, site: undefined });
    const rest = new Map(named);
    let next = 0;
    let isNamedOnly = false;
    for (const { form, name } of parameters) {
      if (form === 'doubleStar') {
        bind(name, dictOf(rest));
        rest.clear();
      } else if (form === 'star') {
        isNamedOnly = true;
        if (name === undefined) continue;
        bind(name, new PyTuple(args.slice(next)));
        next = Math.max(next, args.length);
      } else if (name !== undefined) {
        const positional = isNamedOnly ? undefined : args[next];
        if (positional !== undefined) next += 1;
        bind(name, this.#argument(name, positional, rest));
      }
    }
    if (next < args.length)
      throw typeError(`${this.name}() takes ${next} positional arguments but ${args.length} were given`);
    const [unknown] = rest.keys();
    if (unknown !== undefined) throw typeError(`${this.name}() got an unexpected keyword argument '${unknown}'`);
    return scope;
  }

  #argument(name: string, positional: PyValue | undefined, rest: Map<string, PyValue>): PyValue {
    const named = rest.get(name);
    rest.delete(name);
    if (positional !== undefined && named !== undefined)
      throw typeError(`${this.name}() got multiple values for argument '${name}'`);
    const given = positional === undefined ? named : positional; // None is a value
    const value = given === undefined ? this.#parts.defaults.get(name) : given;
    if (value === undefined) throw typeError(`${this.name}() missing a required argument: '${name}'`);
    return value;
  }
}

function dictOf(named: ReadonlyMap<string, PyValue>): PyDict {
  const dict = new PyDict();
  for (const [key, value] of named) dict.set(key, value);
  return dict;
}
