import * as model from '@engine/model';
import { absolute, type Comparison, type Encoded, ulp } from './comparison.js';

export interface LayersCase {
  readonly id: string;
  readonly seed: number;
  readonly layers: readonly { readonly kind: string; readonly args: Readonly<Record<string, unknown>> }[];
  readonly values: readonly Readonly<Record<string, Encoded>>[];
}
type LayerClass = new (...args: never[]) => model.Module;
const classes: Readonly<Record<string, unknown>> = { ...model };

/** Names that are not PyTorch's keyword arguments: positional here, in this order. */
const POSITIONAL = ['num', 'in', 'dim', 'out', 'k', 'shape', 'hidden', 'heads'];
const ORDERS: Readonly<Record<string, readonly string[]>> = { GroupNorm: ['groups', 'num'], PReLU: [] };

function build({ kind, args }: LayersCase['layers'][number]): model.Module {
  const Layer = classes[kind] as LayerClass | undefined;
  if (typeof Layer !== 'function') throw new Error(`there is no layer ${kind}`);
  const order = ORDERS[kind] ?? POSITIONAL;
  const positional = order.filter((name) => name in args).map((name) => args[name]);
  const options = Object.entries(args)
    .filter(([name, value]) => !order.includes(name) && value !== null)
    .map(([name, value]) => [name.replace(/_(.)/g, (_, letter: string) => letter.toUpperCase()), value]);
  return new Layer(...([...positional, Object.fromEntries(options)] as never[]));
}

/** Layers made one after the other; their initial values are compared in PyTorch's order and layout. */
export async function checkLayers({ layers, seed, values }: LayersCase, compare: Comparison): Promise<void> {
  class Stack extends model.Module {
    readonly layers = layers.map(build);
    forward(): void {}
  }
  const stack = new Stack();
  stack.initWeights(seed);
  for (const [i, expected] of values.entries()) {
    const parameters = stack.layers[i]?.namedParameters() ?? new Map<string, model.Parameter>();
    const names = Object.keys(expected).join(', ');
    const ours = [...parameters.keys()].join(', ');
    if (ours !== names) throw new Error(`layer ${i}: expected parameters ${names}, got ${ours}`);
    for (const [name, { shape, torchLayout, read }] of bound(parameters)) {
      const data = (await read()).data as Float32Array;
      const allowed = layers[i]?.kind === 'Embedding' ? absolute(2e-6) : ulp('float32');
      compare.check(`${i}.${name}`, model.toTorchLayout(data, shape, torchLayout), expected[name] as Encoded, allowed);
    }
  }
  stack.dispose();
}

const bound = (parameters: ReadonlyMap<string, model.Parameter>) =>
  [...parameters].map(
    ([name, parameter]) =>
      [name, { shape: parameter.shape, torchLayout: parameter.torchLayout, read: () => parameter.read() }] as const,
  );
