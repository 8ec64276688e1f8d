/** Builds the module trees that `models` describes: layers of ours under PyTorch's names, tensors shared as there. */
import * as engine from '@engine/model';
import { type Module, Parameter } from '@engine/model';

export interface ModelCase {
  readonly modules: readonly ModuleCase[];
}

interface ModuleCase {
  readonly name: string;
  readonly cls: string;
  readonly groups: number | null;
  readonly in_channels: number | null;
  readonly params: readonly {
    readonly name: string;
    readonly shape: readonly number[];
    readonly requires_grad: boolean;
    readonly id: number;
  }[];
}

/** Anything that holds layers: its fields are those of the description. */
class Named extends engine.Module {
  forward(): void {}
}

export function modelOf({ modules }: ModelCase): Module {
  const made = new Map<string, Module>();
  const shared = new Map<number, Parameter>();
  const children = (name: string): [field: string, child: Module][] => {
    const prefix = name === '' ? '' : `${name}.`;
    return modules
      .filter(
        (each) => each.name !== '' && each.name.startsWith(prefix) && !each.name.slice(prefix.length).includes('.'),
      )
      .map((each) => [each.name.slice(prefix.length), made.get(each.name) as Module]);
  };
  for (const described of modules.toReversed()) {
    made.set(described.name, withoutParameters(described, children(described.name)));
  }
  for (const described of modules) addParameters(made.get(described.name) as Module, described, shared);
  return made.get('') as Module;
}

/** A module with its submodules; a layer has parameters too, until others take their places. */
function withoutParameters(described: ModuleCase, children: readonly [string, Module][]): Module {
  const isLayer = children.length === 0 && described.params.length > 0;
  return isLayer ? layerOf(described) : Object.assign(new Named(), Object.fromEntries(children));
}

function layerOf({ cls, groups, in_channels, params }: ModuleCase): Module {
  const [[first = 1, second = 1, ...kernel] = []] = params.map(({ shape }) => shape);
  const bias = params.some(({ name }) => name === 'bias');
  switch (cls) {
    case 'Conv2d':
      return new engine.Conv2d(in_channels ?? second, first, kernel as [number, number], { groups: groups ?? 1, bias });
    case 'Linear':
      return new engine.Linear(second, first, { bias });
    case 'Embedding':
      return new engine.Embedding(first, second);
    case 'LayerNorm':
      return new engine.LayerNorm(first);
    case 'GroupNorm':
      return new engine.GroupNorm(1, first);
    case 'BatchNorm1d':
      return new engine.BatchNorm1d(first);
    case 'BatchNorm2d':
      return new engine.BatchNorm2d(first);
    case 'InstanceNorm1d':
      return new engine.InstanceNorm1d(first, { affine: true });
    case 'InstanceNorm2d':
      return new engine.InstanceNorm2d(first, { affine: true });
    default:
      throw new Error(`there is no replayer for a ${cls} with parameters`);
  }
}

/** Gives a module its parameters, those that it shares with an earlier one included. */
function addParameters(module: Module, { params }: ModuleCase, shared: Map<number, Parameter>): void {
  const fields = module as unknown as Record<string, Parameter>;
  for (const { name, shape, requires_grad, id } of params) {
    fields[name] = shared.get(id) ?? fields[name] ?? new Parameter(shape, engine.constant(0));
    shared.set(id, fields[name]);
    fields[name].trainable = requires_grad;
  }
}
