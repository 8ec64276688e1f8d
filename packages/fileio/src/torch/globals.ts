/** What the classes and functions in files of torch.save mean. Those that are not here are taken apart, never called. */
import { type ElementType, typeOfDtype } from './element-types.js';
import { arrayOfBuffer, arrayOfState, scalarOf } from './numpy.js';
import { PythonGlobal, PythonObject, type PythonValue } from './python-values.js';
import type { Refuse } from './refuse.js';
import { type CopyBudget, TorchStorage, tensorOf } from './tensors.js';
import type { PickleMeaning } from './unpickle.js';

type Args = readonly PythonValue[];
/** Undefined where the arguments have another form than the one that is understood. */
type Call = (args: Args, context: Context) => PythonValue | undefined;

interface Context {
  readonly refuse: Refuse;
  readonly memory: CopyBudget;
}

/** Tensors that are no array of plain numbers. */
const OTHER_TENSORS = /^torch\._utils\._rebuild_(sparse\w*|qtensor|nested\w*|meta\w*|wrapper\w*|device\w*|xla\w*)$/;

function rebuildTensor(args: Args, { refuse, memory }: Context): PythonValue {
  const [storage, offset, shape, strides] = args;
  if (!(storage instanceof TorchStorage) || typeof offset !== 'number' || !isNumbers(shape) || !isNumbers(strides))
    throw refuse.broken('storage, offset, sizes and strides of a tensor', 'other values');
  return tensorOf(storage, { offset, shape, strides }, { type: typeOfTensor(args, storage, refuse), memory });
}

/** `_rebuild_tensor_v3` has the type among its arguments, for its storage is of bytes. */
function typeOfTensor(args: Args, storage: TorchStorage, refuse: Refuse): ElementType {
  const dtype = args[6];
  if (!(dtype instanceof PythonGlobal)) return storage.type;
  const type = typeOfDtype(dtype.pythonClass);
  if (type === undefined) throw refuse.tensor(`a tensor of ${dtype.pythonClass}`);
  return type;
}

/** `_rebuild_from_type_v2(function, class, args, attributes)`: a tensor with attributes of its own, which are left out. */
function rebuildFromType([callee, , args]: Args, context: Context): PythonValue | undefined {
  if (!(callee instanceof PythonGlobal) || !Array.isArray(args)) return undefined;
  const isTensor = callee.pythonClass !== FROM_TYPE && callee.pythonClass.startsWith('torch._utils._rebuild_');
  return isTensor ? callGlobal(callee.pythonClass, args, context) : undefined;
}

/** Bytes as protocols before 3 have them: the text of the same code points. */
function encodeLatin1([text]: Args): PythonValue | undefined {
  return typeof text === 'string' ? Uint8Array.from(text, (character) => character.charCodeAt(0)) : undefined;
}

/** `OrderedDict()`, or of pairs. */
function dict([pairs]: Args): PythonValue | undefined {
  if (pairs === undefined) return new Map();
  if (pairs instanceof Map) return new Map(pairs);
  if (!Array.isArray(pairs) || !pairs.every((pair) => Array.isArray(pair) && pair.length === 2)) return undefined;
  return new Map(pairs as [PythonValue, PythonValue][]);
}

/** `set([...])` of protocols before 4. */
const set: Call = ([items]) => (items === undefined || Array.isArray(items) ? new Set(items) : undefined);
const list: Call = ([items]) => (items === undefined || Array.isArray(items) ? [...(items ?? [])] : undefined);

/** `_reconstructor(cls, base, value)`: an object of protocols before 2. */
function reconstruct([callee, , value]: Args): PythonValue | undefined {
  if (!(callee instanceof PythonGlobal)) return undefined;
  const object = new PythonObject(callee.pythonClass, []);
  if (value instanceof Map) object.entries = value;
  else if (Array.isArray(value)) object.elements = value;
  return object;
}

const FROM_TYPE = 'torch._tensor._rebuild_from_type_v2';
const first: Call = ([value]) => value;
const ndarray: Call = (args) => new PythonObject('numpy.ndarray', args);
const frombuffer: Call = (args, { memory }) => arrayOfBuffer(args, memory);
const scalar: Call = (args, { memory }) => scalarOf(args, memory);

const CALLS: ReadonlyMap<string, Call> = new Map<string, Call>([
  ['torch._utils._rebuild_tensor', rebuildTensor],
  ['torch._utils._rebuild_tensor_v2', rebuildTensor],
  ['torch._utils._rebuild_tensor_v3', rebuildTensor],
  ['torch._utils._rebuild_parameter', first],
  ['torch._utils._rebuild_parameter_with_state', first],
  [FROM_TYPE, rebuildFromType],
  ['torch.Size', list],
  ['collections.OrderedDict', dict],
  ['collections.defaultdict', () => new Map()],
  ['collections.deque', list],
  ['_codecs.encode', encodeLatin1],
  ...['builtins', '__builtin__'].flatMap((module): [string, Call][] => [
    [`${module}.set`, set],
    [`${module}.frozenset`, set],
    [`${module}.list`, list],
    [`${module}.tuple`, list],
    [`${module}.dict`, dict],
    [`${module}.bytes`, bytearray],
    [`${module}.bytearray`, bytearray],
  ]),
  ['copyreg._reconstructor', reconstruct],
  ['copy_reg._reconstructor', reconstruct],
  ...['numpy.core', 'numpy._core'].flatMap((module): [string, Call][] => [
    [`${module}.multiarray._reconstruct`, ndarray],
    [`${module}.multiarray.scalar`, scalar],
    [`${module}.numeric._frombuffer`, frombuffer],
  ]),
]);

/** `bytearray(b'...')`; protocols before 3 have `bytes()` for none, and texts of the same code points. */
function bytearray([value, encoding]: Args): PythonValue | undefined {
  if (value === undefined) return new Uint8Array(0);
  return value instanceof Uint8Array ? value : encoding === undefined ? undefined : encodeLatin1([value]);
}

function callGlobal(name: string, args: Args, context: Context): PythonValue {
  if (OTHER_TENSORS.test(name)) throw context.refuse.tensor(`a tensor made by ${name}`);
  return CALLS.get(name)?.(args, context) ?? new PythonObject(name, args);
}

/** The meaning of a file's pickle whose persistent ids are storages. */
export function torchMeaning(persistent: PickleMeaning['persistent'], context: Context): PickleMeaning {
  return {
    persistent,
    call: (name, args) => callGlobal(name, args, context),
    build: (object, state) => {
      if (object.pythonClass === 'numpy.ndarray') {
        const array = arrayOfState(state, context.memory);
        if (array !== undefined) return array;
      }
      object.state = state;
      return object;
    },
  };
}

const isNumbers = (value: PythonValue | undefined): value is number[] =>
  Array.isArray(value) && value.every((item) => typeof item === 'number');
