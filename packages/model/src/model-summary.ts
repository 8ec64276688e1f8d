import { type HostArray, observeKernels, sizeOf, tensorScope } from '@engine/core';
import * as tf from '@tensorflow/tfjs-core';
import type { HostBatch, TrainableModel } from './contract.js';
import { multiplyAdds } from './kernel-cost.js';
import { Module } from './module.js';

/** One module of a model, as it was called for a batch. */
export interface LayerSummary {
  /** Dotted path; '' is the model. */
  readonly path: string;
  /** Name of its class. */
  readonly type: string;
  /** Shapes of what its last call gave; none when it was not called. */
  readonly outputs: readonly (readonly number[])[];
  /** Elements of its own parameters, those of the modules inside left out. */
  readonly parameters: number;
  readonly trainable: number;
  /** Multiply-adds that it did itself. */
  readonly multiplyAdds: number;
  readonly calls: number;
}

export interface ModelSummary {
  /** Parents first. Empty for a model that is no `Module`. */
  readonly layers: readonly LayerSummary[];
  readonly parameters: number;
  readonly trainable: number;
  /** Bytes of parameters and buffers as float32 and int32. */
  readonly bytes: number;
  /** Multiply-adds of one batch, matrix products and convolutions alone. FLOPs are twice that. */
  readonly multiplyAdds: number;
  readonly batchSize: number;
}

interface Seen {
  outputs: readonly (readonly number[])[];
  multiplyAdds: number;
  calls: number;
}

/**
 * What a model is made of and what it computes, found by predicting a batch: shapes, parameters and multiply-adds of each module. The model
 * is in evaluation mode meanwhile and as before afterwards; needs a backend that is ready.
 */
export function summarizeModel(model: TrainableModel, batch: HostBatch): ModelSummary {
  const seen = new Map<string, Seen>();
  const training = model.training;
  const total = watched(model, seen, () => tensorScope(() => void model.eval().testStep(batch)));
  model.train(training);
  const parameters = [...model.namedParameters().values()];
  const buffers = [...(model.namedBuffers?.().values() ?? [])];
  const count = (items: readonly { readonly shape: readonly number[] }[]): number =>
    items.reduce((sum, { shape }) => sum + sizeOf(shape), 0);
  return {
    layers: model instanceof Module ? layersOf(model, seen) : [],
    parameters: count(parameters),
    trainable: count(parameters.filter(({ trainable }) => trainable)),
    bytes: 4 * (count(parameters) + count(buffers)),
    multiplyAdds: total,
    batchSize: Array.isArray(batch.inputs) ? batch.inputs.length : ((batch.inputs as HostArray).shape[0] ?? 1),
  };
}

/** Runs `run` and writes down what each module does; gives all multiply-adds. */
function watched(model: TrainableModel, seen: Map<string, Seen>, run: () => void): number {
  const stops: (() => void)[] = [];
  const inside: Seen[] = [];
  let total = 0;
  if (model instanceof Module)
    model.visit((module, path) => {
      const own: Seen = { outputs: [], multiplyAdds: 0, calls: 0 };
      seen.set(path, own);
      stops.push(
        module.registerForwardPreHook(() => void inside.push(own)),
        module.registerForwardHook((_module, _args, output) => {
          inside.pop();
          own.calls += 1;
          own.outputs = tf.tensor_util.getTensorsInContainer(output as tf.TensorContainer).map(({ shape }) => shape);
        }),
      );
    });
  stops.push(
    observeKernels(
      () => 0,
      (call) => {
        const work = multiplyAdds(call);
        total += work;
        const current = inside.at(-1);
        if (current !== undefined) current.multiplyAdds += work;
      },
    ),
  );
  try {
    run();
  } finally {
    for (const stop of stops.reverse()) stop();
  }
  return total;
}

function layersOf(model: Module, seen: ReadonlyMap<string, Seen>): LayerSummary[] {
  const own = new Map<Module, { parameters: number; trainable: number }>();
  const counted = new Set<object>();
  for (const { module, parameter } of model.parameterPlaces()) {
    if (counted.has(parameter)) continue; // shared: it belongs to its first place
    counted.add(parameter);
    const sums = own.get(module) ?? { parameters: 0, trainable: 0 };
    const size = sizeOf(parameter.shape);
    own.set(module, {
      parameters: sums.parameters + size,
      trainable: sums.trainable + (parameter.trainable ? size : 0),
    });
  }
  return [...model.namedModules()].map(([path, module]) => ({
    path,
    type: module.constructor.name,
    ...(own.get(module) ?? { parameters: 0, trainable: 0 }),
    ...(seen.get(path) ?? { outputs: [], multiplyAdds: 0, calls: 0 }),
  }));
}
