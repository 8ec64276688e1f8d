/** The parts of Python's standard library that configs may import. Other modules of it can be imported too, but have nothing in them. */

import { binary, toFloat } from '../values/arithmetic.js';
import { iterate } from '../values/compare.js';
import { deepCopy } from '../values/copy.js';
import { PyDict, PySet } from '../values/dict.js';
import { exactExp, exactLog } from '../values/exact-math.js';
import { PythonException, typeError, valueError } from '../values/exception.js';
import {
  asNumber,
  type NativeCall,
  PyModule,
  PyNative,
  PyOpaque,
  PyTuple,
  PyType,
  type PyValue,
  typeName,
} from '../values/value.js';
import { bind, integerArgument, textArgument } from './bind.js';
import { dictType } from './builtin-types.js';
import { itertools } from './itertools.js';
import { pathFunctions } from './path-functions.js';
import type { Surroundings } from './surroundings.js';

type Run = (call: NativeCall) => PyValue;

/** A function that Python has in Python: as a value of a config it is dropped, unlike one that is built in. */
export class PyLibraryFunction extends PyNative {
  override readonly typeName = 'function';
}

const native = (name: string, run: Run): readonly [string, PyValue] => [name, new PyNative(name, run)];
const written = (name: string, run: Run): readonly [string, PyValue] => [name, new PyLibraryFunction(name, run)];

function floatArgument(value: PyValue | undefined): number {
  const number = value === undefined ? undefined : asNumber(value);
  if (number === undefined)
    throw typeError(`must be real number, not ${value === undefined ? 'nothing' : typeName(value)}`);
  return toFloat(number);
}

const float = (name: string, compute: (x: number) => number): readonly [string, PyValue] =>
  native(name, (call) => {
    const x = floatArgument(bind(name, call, ['x'])[0]);
    const result = compute(x);
    if (Number.isNaN(result) && !Number.isNaN(x)) throw valueError('math domain error');
    if (!Number.isFinite(result) && Number.isFinite(x)) throw new PythonException('OverflowError', 'math range error');
    return result;
  });

const floats = (name: string, compute: (x: number, y: number) => number): readonly [string, PyValue] =>
  native(name, (call) => {
    const [x, y] = bind(name, call, ['x', 'y']);
    return compute(floatArgument(x), floatArgument(y));
  });

const whole = (name: string, compute: (x: number) => number): readonly [string, PyValue] =>
  native(name, (call) => {
    const [x = null] = bind(name, call, ['x']);
    if (typeof x !== 'number') return integerArgument(x, 0n);
    if (!Number.isFinite(x)) throw new PythonException('OverflowError', 'cannot convert float to integer');
    return BigInt(compute(x));
  });

const predicate = (name: string, test: (x: number) => boolean): readonly [string, PyValue] =>
  native(name, (call) => test(floatArgument(bind(name, call, ['x'])[0])));

function logarithm(name: string, fixedBase?: number): readonly [string, PyValue] {
  return native(name, (call) => {
    const [value, base] = bind(name, call, fixedBase === undefined ? ['x', 'base?'] : ['x']);
    const x = floatArgument(value);
    if (!(x > 0)) throw valueError('math domain error');
    if (!Number.isFinite(x)) return x;
    const radix = fixedBase ?? (base === undefined ? undefined : floatArgument(base));
    if (fixedBase === undefined && radix !== undefined) return exactLog(x) / exactLog(radix);
    return exactLog(x, radix);
  });
}

function gcd(left: bigint, right: bigint): bigint {
  return right === 0n ? (left < 0n ? -left : left) : gcd(right, left % right);
}

const prod: Run = (call) => {
  const [values = null, start = 1n] = bind('prod', call, ['iterable', 'start?']);
  let product: PyValue = start;
  for (const value of iterate(values)) {
    call.host.step();
    product = binary('*', [product, value], call.host);
  }
  return product;
};

const factorial: Run = (call) => {
  const n = integerArgument(bind('factorial', call, ['n'])[0], 0n);
  if (n < 0n) throw valueError('factorial() not defined for negative values');
  if (n > 2000n) throw new PythonException('OverflowError', 'the factorial is too large');
  let product = 1n;
  for (let factor = 2n; factor <= n; factor++) {
    call.host.step();
    product *= factor;
  }
  return product;
};

const isClose: Run = (call) => {
  const [a, b, relative = 1e-9, absolute = 0] = bind('isclose', call, ['a', 'b', 'rel_tol?', 'abs_tol?']);
  const [x, y] = [floatArgument(a), floatArgument(b)];
  return (
    x === y ||
    Math.abs(x - y) <= Math.max(floatArgument(relative) * Math.max(Math.abs(x), Math.abs(y)), floatArgument(absolute))
  );
};

const math = () => [
  ['pi', Math.PI] as const,
  ['e', Math.E] as const,
  ['tau', 2 * Math.PI] as const,
  ['inf', Number.POSITIVE_INFINITY] as const,
  ['nan', Number.NaN] as const,
  float('sqrt', Math.sqrt),
  float('exp', exactExp),
  ...(['sin', 'cos', 'tan', 'asin', 'acos', 'atan', 'sinh', 'cosh', 'tanh', 'expm1', 'log1p'] as const).map((name) =>
    float(name, Math[name]),
  ),
  float('fabs', Math.abs),
  float('degrees', (x) => (x * 180) / Math.PI),
  float('radians', (x) => (x * Math.PI) / 180),
  floats('atan2', Math.atan2),
  floats('hypot', Math.hypot),
  floats('fmod', (x, y) => x % y),
  floats('copysign', (x, y) => (y < 0 || Object.is(y, -0) ? -Math.abs(x) : Math.abs(x))),
  native('pow', (call) =>
    binary('**', bind('pow', call, ['x', 'y']).map(floatArgument) as [number, number], call.host),
  ),
  logarithm('log'),
  logarithm('log2', 2),
  logarithm('log10', 10),
  whole('floor', Math.floor),
  whole('ceil', Math.ceil),
  whole('trunc', Math.trunc),
  predicate('isnan', Number.isNaN),
  predicate('isinf', (x) => !Number.isFinite(x) && !Number.isNaN(x)),
  predicate('isfinite', Number.isFinite),
  native('gcd', ({ args }) => args.map((each) => integerArgument(each, 0n)).reduce(gcd, 0n)),
  native('prod', prod),
  native('factorial', factorial),
  native('isclose', isClose),
];

const copyOf: Run = (call) => {
  const [value = null] = bind('copy', call, ['x']);
  if (Array.isArray(value)) return [...value];
  if (value instanceof PyDict) return value.copy();
  return value instanceof PySet ? new PySet(value.members.values(), value.isFrozen) : value;
};

const copy = () => [
  written('copy', copyOf),
  written('deepcopy', (call) => deepCopy(bind('deepcopy', call, ['x', 'memo?'])[0] ?? null, call.host)),
];

const partial: Run = ({ args: [callee = null, ...first], named: before }) =>
  new PyNative('partial', ({ args, named, host }) =>
    host.call(callee, [...first, ...args], new Map([...before, ...named])),
  );

const reduce: Run = (call) => {
  const [callee = null, values = null, initial] = bind('reduce', call, ['function', 'iterable', 'initial?']);
  let result = initial;
  for (const value of iterate(values)) result = result === undefined ? value : call.host.call(callee, [result, value]);
  if (result === undefined) throw typeError('reduce() of empty iterable with no initial value');
  return result;
};

const functools = () => [['partial', new PyType('functools.partial', partial)] as const, native('reduce', reduce)];

const collections = () => [['OrderedDict', dictType] as const];

/** The environment as a dict that is looked up name by name. */
class Environment extends PyDict {
  readonly #env: Surroundings['env'];

  constructor(env: Surroundings['env']) {
    super();
    this.#env = env;
  }

  override get(key: PyValue): PyValue | undefined {
    return super.get(key) ?? (typeof key === 'string' ? this.#env(key) : undefined);
  }

  override has(key: PyValue): boolean {
    return this.get(key) !== undefined;
  }

  override at(key: PyValue): PyValue {
    return this.get(key) ?? super.at(key);
  }
}

const os = (around: Surroundings) => [
  ['path', new PyModule('posixpath', new Map(pathFunctions(around, written)))] as const,
  ['environ', new Environment(around.env)] as const,
  ['sep', '/'] as const,
  ['linesep', '\n'] as const,
  ['name', 'posix'] as const,
  written('getenv', (call) => {
    const [key, otherwise = null] = bind('getenv', call, ['key', 'default?']);
    return around.env(textArgument('getenv', key)) ?? otherwise;
  }),
  native('getcwd', () => around.cwd),
];

const sys = () => [
  ['version_info', new PyTuple([3n, 11n, 7n, 'final', 0n])] as const,
  ['platform', 'linux'] as const,
  ['maxsize', 9223372036854775807n] as const,
];

const string = () => [
  ['ascii_lowercase', 'abcdefghijklmnopqrstuvwxyz'] as const,
  ['ascii_uppercase', 'ABCDEFGHIJKLMNOPQRSTUVWXYZ'] as const,
  ['ascii_letters', 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ'] as const,
  ['digits', '0123456789'] as const,
];

const MODULES: Readonly<Record<string, (around: Surroundings) => Iterable<readonly [string, PyValue]>>> = {
  math,
  copy,
  functools,
  itertools: () => itertools(native),
  collections,
  os,
  'os.path': (around) => pathFunctions(around, written),
  posixpath: (around) => pathFunctions(around, written),
  sys,
  string,
  warnings: () => [
    native('warn', () => null),
    written('filterwarnings', () => null),
    written('simplefilter', () => null),
  ],
  'importlib.util': () => [written('find_spec', () => null)],
  importlib: (around) => [['util', standardModule('importlib.util', around)] as const],
};

/** A module of Python's standard library. */
export function standardModule(name: string, around: Surroundings): PyModule {
  const members = Object.hasOwn(MODULES, name) ? MODULES[name] : undefined;
  return new PyModule(name, new Map(members?.(around)));
}

/** Modules whose names are only ever used in annotations. */
const ANNOTATIONS = new Set([
  'typing',
  'typing_extensions',
  '__future__',
  'types',
  'numbers',
  'abc',
  'collections.abc',
]);

/** What `from module import name` binds. @throws ImportError (Python's) for what a module that is here lacks */
export function standardMember(module: string, name: string, around: Surroundings): PyValue {
  if (ANNOTATIONS.has(module)) return new PyOpaque('type', `${module}.${name}`);
  const member = standardModule(module, around).members.get(name);
  if (member !== undefined) return member;
  const inner = `${module}.${name}`;
  if (Object.hasOwn(MODULES, inner)) return standardModule(inner, around);
  if (Object.hasOwn(MODULES, module))
    throw new PythonException('ImportError', `cannot import name '${name}' from '${module}' here`);
  // what is in other modules can be named, by functions that never run for one, and not be used
  if (/^[A-Z]/.test(name)) return new PyOpaque('type', `<class '${module}.${name}'>`);
  return new PyLibraryFunction(name, () => {
    throw new PythonException('ImportError', `${module}.${name} cannot be called in a config`);
  });
}
