import { readFile } from 'node:fs/promises';
import { EngineError, type HostArray, hostArray } from '@engine/core';
import * as model from '@engine/model';
import {
  type Averageable,
  type AveragedModel,
  constant,
  Buffer as ModelBuffer,
  Module,
  Parameter,
} from '@engine/model';
import { Registry } from '@engine/registry';
import type { ParityArea, ReplayResult } from './harness/area.js';
import { guarded, oneLine } from './harness/guarded.js';

const TOLERANCE = 1e-6;

interface GoldenTensor {
  readonly shape: readonly number[];
  readonly dtype: 'float32' | 'int64';
  readonly data: string;
}
type State = Readonly<Record<string, GoldenTensor>>;
interface Case {
  readonly id: string;
  readonly type: string;
  readonly args: Readonly<Record<string, unknown>>;
  readonly sequence: number;
  readonly raises: { readonly type: string } | null;
  readonly initial?: State | null;
  readonly state_keys?: readonly string[];
  readonly trace?: readonly State[];
}
interface Golden {
  readonly sequences: readonly (readonly State[])[];
  readonly cases: readonly Case[];
}

const registry = new Registry();
registry.registerExports(model);

/** Averaged weights: the whole state after each update, and every refusal. */
export const area: ParityArea = {
  name: 'ema',
  tolerance: 'relative 1e-6',
  context: ['sequences', 'param_keys', 'buffer_keys'],
  async *replay(file) {
    const golden = JSON.parse(await readFile(file, 'utf8')) as Golden;
    for (const item of golden.cases) yield await guarded(item.id, () => replayCase(item, golden));
  },
};

async function replayCase(item: Case, { sequences }: Golden): Promise<ReplayResult> {
  const { id, raises } = item;
  const states = sequences[item.sequence] as readonly State[];
  const source = new StateModel(states[0] as State);
  let averaged: AveragedModel | undefined;
  try {
    averaged = build(item, source);
    if (raises !== null) return { id, ok: false, error: `expected an error like ${raises.type}, got none` };
    const comparison = new Comparison();
    await replayUpdates(item, { states, source, averaged, comparison });
    const { fault, maxError } = comparison;
    return { id, ok: fault === undefined, maxError, ...(fault !== undefined && { error: fault }) };
  } catch (error) {
    return refusal(item, error);
  } finally {
    averaged?.dispose();
    source.dispose();
  }
}

function build({ type, args }: Case, source: Averageable): AveragedModel {
  return registry.build('averagedModel', { type, ...args }, { args: { model: source } });
}

/** Python's assertion on a value is an error about a value, or about its type. */
function refusal({ id, raises }: Case, error: unknown): ReplayResult {
  if (raises === null) return { id, ok: false, error: oneLine(error) };
  const ok = error instanceof EngineError && ['value', 'type', 'key'].includes(error.kind);
  return ok ? { id, ok } : { id, ok, error: `expected an error like ${raises.type}, got ${String(error)}` };
}

async function replayUpdates(
  { initial, state_keys, trace }: Case,
  run: {
    readonly states: readonly State[];
    readonly source: StateModel;
    readonly averaged: AveragedModel;
    readonly comparison: Comparison;
  },
): Promise<void> {
  const { states, source, averaged, comparison } = run;
  const first = await averaged.stateDict();
  if (initial !== undefined && initial !== null) comparison.check('initial', first, initial);
  if (state_keys !== undefined) comparison.checkNames([...first.keys()], state_keys);
  for (const [step, expected] of (trace ?? []).entries()) {
    source.take(states[step + 1] as State);
    averaged.updateParameters();
    comparison.check(`trace[${step}]`, await averaged.stateDict(), expected);
  }
}

/** A model with just the tensors of a golden state: parameters, and the running statistics of norms as buffers. */
class StateModel extends Module {
  readonly #tensors = new Map<string, Parameter | ModelBuffer>();

  constructor(state: State) {
    super();
    for (const [name, { shape, dtype }] of Object.entries(state)) {
      const isBuffer = dtype === 'int64' || /\.running_\w+$/.test(name);
      this.#tensors.set(name, isBuffer ? new ModelBuffer(shape, { dtype }) : new Parameter(shape, constant(0)));
    }
    this.take(state);
  }

  override parts(): Iterable<readonly [string, unknown]> {
    return this.#tensors;
  }

  override forward(): never {
    throw new Error('a model that only has weights');
  }

  take(state: State): void {
    this.loadStateDict(new Map(Object.entries(state).map(([name, tensor]) => [name, decode(tensor)])));
  }
}

function decode({ shape, dtype, data }: GoldenTensor): HostArray {
  const bytes = new Uint8Array(Buffer.from(data, 'base64')).buffer;
  return dtype === 'int64'
    ? hostArray('int64', shape, new BigInt64Array(bytes))
    : hostArray('float32', shape, new Float32Array(bytes));
}

/** Compares states; floats within the tolerance, integers and names exactly. */
class Comparison {
  fault: string | undefined;
  maxError = 0;

  check(where: string, got: ReadonlyMap<string, HostArray>, want: State): void {
    this.checkNames([...got.keys()], Object.keys(want));
    for (const [name, tensor] of Object.entries(want)) {
      const [ours, theirs] = [got.get(name), decode(tensor)];
      if (ours === undefined) continue;
      if (ours.dtype !== theirs.dtype || String(ours.shape) !== String(theirs.shape))
        this.#report(`${where}.${name}`, `${ours.dtype} (${ours.shape})`, `${theirs.dtype} (${theirs.shape})`);
      for (let i = 0; i < theirs.data.length; i++) this.#number(`${where}.${name}[${i}]`, ours.data[i], theirs.data[i]);
    }
  }

  checkNames(got: readonly string[], want: readonly string[]): void {
    if ([...got].sort().join() !== [...want].sort().join()) this.#report('names', got.join(', '), want.join(', '));
  }

  #number(where: string, got: number | bigint | undefined, want: number | bigint | undefined): void {
    if (Object.is(got, want)) return;
    if (typeof got !== 'number' || typeof want !== 'number') return this.#report(where, got, want);
    const error = Math.abs(got - want) / Math.abs(want);
    this.maxError = Math.max(this.maxError, error);
    if (!(error <= TOLERANCE)) this.#report(where, got, want);
  }

  #report(where: string, got: unknown, want: unknown): void {
    this.fault ??= `${where}: expected ${want}, got ${got}`;
  }
}
