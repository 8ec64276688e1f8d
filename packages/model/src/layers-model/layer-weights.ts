import { type HostArray, type HostDType, hostArray, type ParameterLike } from '@engine/core';
import * as tf from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { loadable, type StateSlot } from '../state-dict.js';
import { toDeviceData } from '../upload.js';

type Layer = LayersModel['layers'][number];
type LayerWeight = LayersModel['weights'][number];

/** A weight of a TensorFlow.js layer under the engine's contract; the layer owns the variable. */
export class LayerParameter implements ParameterLike, StateSlot {
  readonly torchLayout = 'same';
  readonly dtype = 'float32';
  readonly name: string;
  readonly #weight: LayerWeight;

  constructor(name: string, weight: LayerWeight) {
    this.name = name;
    this.#weight = weight;
  }

  get value(): tf.Variable {
    return this.#weight.read() as tf.Variable;
  }
  get shape(): readonly number[] {
    return this.value.shape;
  }
  get trainable(): boolean {
    return this.#weight.trainable;
  }
  set trainable(trainable: boolean) {
    this.#weight.trainable = trainable;
    this.value.trainable = trainable;
  }

  /** A copy of the values on the host, as of this call. */
  async read(): Promise<HostArray> {
    const { value } = this;
    return hostArray('float32', [...value.shape], Float32Array.from(await value.data()));
  }

  accepts(dtype: HostDType): boolean {
    return loadable.float32.includes(dtype);
  }

  load(array: HostArray): void {
    const tensor = tf.tensor(toDeviceData(array, 'float32').slice(), [...array.shape], 'float32');
    this.value.assign(tensor);
    tensor.dispose();
  }
}

/** Weights by the place of their layer in the model and their own name: `0.kernel`, `3.1.moving_mean`; shared ones once. */
export function weightsByName(model: LayersModel): Map<string, LayerParameter> {
  const found = new Map<string, LayerParameter>();
  const seen = new Set<LayerWeight>();
  const enter = (layers: readonly Layer[], path: string): void => {
    let place = 0;
    for (const layer of layers) {
      if (layer.getClassName() === 'InputLayer') continue;
      const here = `${path}${place++}.`;
      const inner = (layer as Partial<LayersModel>).layers;
      if (Array.isArray(inner)) {
        enter(inner, here);
        continue;
      }
      for (const weight of layer.weights) {
        if (seen.has(weight)) continue;
        seen.add(weight);
        const name = unusedName(here + (weight.originalName.split('/').at(-1) ?? 'weight'), found);
        found.set(name, new LayerParameter(name, weight));
      }
    }
  };
  enter(model.layers, '');
  return found;
}

function unusedName(name: string, taken: ReadonlyMap<string, unknown>): string {
  if (!taken.has(name)) return name;
  for (let i = 1; ; i++) if (!taken.has(`${name}_${i}`)) return `${name}_${i}`;
}
