import { type HostArray, isHostArray } from '@engine/core/plain';
import { fileioErrors } from '../errors.js';
import { PythonObject, type PythonValue } from './python-values.js';

/** The weights of a file of PyTorch. */
export interface TorchWeights {
  /** By name, in the order of the file, in PyTorch's layouts. */
  readonly tensors: ReadonlyMap<string, HostArray>;
  /** The key that they were found under: `state_dict`, `model`, ...; undefined where they are the file itself. */
  readonly key: string | undefined;
}

/** Where trainers keep weights: MMEngine and Lightning, timm and Detectron, others. */
const KEYS = ['state_dict', 'model_state_dict', 'model', 'module', 'net', 'ema_state_dict', 'state_dict_ema'];
/** What wrappers for several devices and the compiler put before every name. */
const PREFIX = /^(?:module\.|_orig_mod\.)+/;

/**
 * Finds the weights: the first of `state_dict`, `model_state_dict`, `model`, `module`, `net`, `ema_state_dict`, `state_dict_ema` that is a
 * dict with tensors or a network that was saved whole, else the file itself. Entries that are no tensors are left out, and so are `module.` and `_orig_mod.` where all names
 * begin with them.
 * @throws `ENGINE_FILEIO_TORCH_NO_WEIGHTS`
 */
export function torchWeights(value: PythonValue, file = 'file of PyTorch'): TorchWeights {
  const [key, found] = candidates(value).find(([, each]) => tensorsOf(each).size > 0) ?? [];
  if (found === undefined) {
    throw fileioErrors.TORCH_NO_WEIGHTS({
      subject: file,
      expected: `a dict of tensors or a network, or one under ${KEYS.join(', ')}`,
      received: describe(value),
      action: 'save the weights alone in Python: torch.save(model.state_dict(), path)',
    });
  }
  const tensors = tensorsOf(found);
  const wrapped = [...tensors.keys()].every((name) => PREFIX.test(name));
  if (!wrapped) return { key, tensors };
  return { key, tensors: new Map([...tensors].map(([name, array]) => [name.replace(PREFIX, ''), array])) };
}

function candidates(value: PythonValue): [key: string | undefined, value: PythonValue][] {
  if (!(value instanceof Map)) return [[undefined, value]];
  const inner = KEYS.flatMap((key): [string, PythonValue][] => (value.has(key) ? [[key, value.get(key) ?? null]] : []));
  return [...inner, [undefined, value]];
}

function tensorsOf(value: PythonValue): Map<string, HostArray> {
  return new Map(value instanceof Map ? tensorsIn(value) : moduleState(value));
}

function tensorsIn(dict: PythonValue | undefined): [name: string, tensor: HostArray][] {
  const entries = dict instanceof Map ? [...dict] : [];
  return entries.filter((entry): entry is [string, HostArray] => typeof entry[0] === 'string' && isHostArray(entry[1]));
}

/** What `state_dict()` of a pickled `torch.nn.Module` would be; none for another object. */
function moduleState(value: PythonValue, prefix = ''): [name: string, tensor: HostArray][] {
  const state = value instanceof PythonObject ? value.state : undefined;
  if (!(state instanceof Map) || !(state.get('_parameters') instanceof Map)) return [];
  const passing = state.get('_non_persistent_buffers_set');
  const buffers = tensorsIn(state.get('_buffers')).filter(([name]) => !(passing instanceof Set && passing.has(name)));
  const own = [...tensorsIn(state.get('_parameters')), ...buffers];
  const children = state.get('_modules');
  return [
    ...own.map(([name, tensor]): [string, HostArray] => [prefix + name, tensor]),
    ...(children instanceof Map ? [...children] : []).flatMap(([name, child]) =>
      moduleState(child, `${prefix}${String(name)}.`),
    ),
  ];
}

function describe(value: PythonValue): string {
  if (value instanceof PythonObject) return `an object of ${value.pythonClass}`;
  if (!(value instanceof Map)) return isHostArray(value) ? 'one tensor' : 'no dict';
  return `a dict with ${[...value.keys()].slice(0, 8).map(String).join(', ') || 'nothing'}`;
}
