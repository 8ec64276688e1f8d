/** Reading and writing values of a config step by step, as Python code would. */
import {
  getAttribute,
  getItem,
  PyDict,
  type PythonConfig,
  type PyValue,
  setAttribute,
  setItem,
} from '@engine/mmcompat';
import { decoded } from './encoding.js';

function stepsOf(steps: PyValue | undefined): PyDict[] {
  return (Array.isArray(steps) ? steps : []).filter((step) => step instanceof PyDict);
}

/** `[{attr: name}, {item: key}, {get: [key, default]}]` */
export function follow(config: PythonConfig, steps: PyValue | undefined): PyValue {
  let value: PyValue = config.values;
  for (const step of stepsOf(steps)) {
    const [get, attr] = [step.get('get'), step.get('attr')];
    if (Array.isArray(get) && value instanceof PyDict) value = value.get(get[0] ?? null) ?? get[1] ?? null;
    else value = typeof attr === 'string' ? getAttribute(value, attr) : getItem(value, step.get('item') ?? null);
  }
  return value;
}

/** `[{at: [path], value, how}]` */
export function store(config: PythonConfig, steps: PyValue | undefined): void {
  for (const step of stepsOf(steps)) {
    const at = step.get('at');
    const path = Array.isArray(at) ? at : [];
    const last = path.at(-1) ?? null;
    const target = path.slice(0, -1).reduce<PyValue>((value, key) => getItem(value, key), config.values);
    const value = decoded(step.get('value') ?? null);
    if (step.get('how') === 'attr') setAttribute(target, { name: String(last), value });
    else setItem(target, { index: last, value });
  }
}
