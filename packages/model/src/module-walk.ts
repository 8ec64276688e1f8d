/** Finds what a module is made of, by its fields. Knows nothing of layers. Nothing is cached, so fields may change at any time. */
import { modelErrors } from './errors.js';
import { StateTensor } from './state-tensor.js';

/** What a walk needs of a module. */
export interface WalkNode {
  /** Fields in which parts are looked for. */
  parts(): Iterable<readonly [name: string, value: unknown]>;
  /** Takes the path from `root`, unless a module outside `inner` has given one before. */
  placeIn(root: object, path: string, inner: ReadonlySet<object>): void;
}

/** A module's direct parts: its own tensors and its submodules, by dotted name below it. */
interface Parts<M> {
  readonly tensors: [name: string, tensor: StateTensor][];
  readonly modules: [name: string, module: M][];
}

/** Everything below a module, each thing once, under the first path that reaches it. */
export interface Walk<M> {
  /** Parents before children, as PyTorch's `named_modules`; the root itself is first, with path ''. */
  readonly modules: ReadonlyMap<string, M>;
  /** A module's own tensors before its children's, as PyTorch's `state_dict`. */
  readonly tensors: ReadonlyMap<string, StateTensor>;
}

const join = (path: string, name: string): string => (path === '' ? name : `${path}.${name}`);

/** @throws `ENGINE_MODEL_NAME_CLASH` */
export function walk<M extends WalkNode>(root: M): Walk<M> {
  const modules = new Map<string, M>();
  const tensors = new Map<string, StateTensor>();
  const seen = new Set<object>();
  const enter = (module: M, path: string): void => {
    if (seen.has(module)) return;
    seen.add(module);
    modules.set(path, module);
    const parts = partsOf(module);
    for (const [name, tensor] of parts.tensors) {
      if (seen.has(tensor)) continue;
      seen.add(tensor);
      addUnique(tensors, join(path, name), tensor);
    }
    for (const [name, child] of parts.modules) enter(child, join(path, name));
  };
  enter(root, '');
  const inner = new Set<object>(modules.values());
  for (const [path, module] of modules) module.placeIn(root, path, inner);
  for (const [name, tensor] of tensors) tensor.placeIn(root, name, inner);
  return { modules, tensors };
}

/** A spot at which a tensor stands, and the module that holds it there. */
export interface TensorPlace<M> {
  readonly name: string;
  readonly tensor: StateTensor;
  readonly module: M;
  /** The module that holds that one; none for the root. */
  readonly parent: M | undefined;
}

/**
 * Every place of every tensor, a module's own before its children's. What several modules share stands at several places; what one
 * module holds twice, at the first.
 */
export function placesOf<M extends WalkNode>(root: M): TensorPlace<M>[] {
  const places: TensorPlace<M>[] = [];
  const enter = (module: M, path: string, parents: readonly M[]): void => {
    if (parents.includes(module)) return;
    const parts = partsOf(module);
    for (const [name, tensor] of firstOfEach(parts.tensors))
      places.push({ name: join(path, name), tensor, module, parent: parents.at(-1) });
    for (const [name, child] of firstOfEach(parts.modules)) enter(child, join(path, name), [...parents, module]);
  };
  enter(root, '', []);
  return places;
}

function firstOfEach<T>(parts: readonly [name: string, part: T][]): [name: string, part: T][] {
  const seen = new Set<T>();
  return parts.filter(([, part]) => !seen.has(part) && seen.add(part));
}

/** Direct submodules, each once, in the order of their fields. */
export function childrenOf<M extends WalkNode>(module: M): M[] {
  return [...new Set(partsOf(module).modules.map(([, child]) => child))];
}

function partsOf<M extends WalkNode>(module: M): Parts<M> {
  const parts: Parts<M> = { tensors: [], modules: [] };
  const seen = new Set<object>([module]);
  const enter = (name: string, value: unknown): void => {
    if (typeof value !== 'object' || value === null) return;
    if (value instanceof StateTensor) parts.tensors.push([withStateName(name, value), value]);
    else if (isNode(value)) parts.modules.push([name, value as M]);
    else if (isContainer(value) && !seen.has(value)) {
      seen.add(value);
      for (const [key, item] of Object.entries(value)) enter(`${name}.${key}`, item);
    }
  };
  for (const [name, value] of module.parts()) enter(name, value);
  return parts;
}

export function isNode(value: object): value is WalkNode {
  return 'parts' in value && 'placeIn' in value && typeof value.parts === 'function';
}

/** Arrays and object literals hold modules; other objects are the user's business. */
export function isContainer(value: object): boolean {
  if (Array.isArray(value)) return true;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || prototype === Object.prototype;
}

function withStateName(name: string, { stateName }: StateTensor): string {
  return stateName === undefined ? name : name.replace(/[^.]*$/, stateName);
}

function addUnique(tensors: Map<string, StateTensor>, name: string, tensor: StateTensor): void {
  if (tensors.has(name)) {
    throw modelErrors.NAME_CLASH({
      subject: name,
      expected: 'one parameter or buffer of this name',
      received: 'two',
      action: 'rename one of the fields, or give one another stateName',
    });
  }
  tensors.set(name, tensor);
}
