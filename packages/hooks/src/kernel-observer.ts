/** Watches the kernels that TensorFlow.js runs. */
import * as tf from '@tensorflow/tfjs-core';

/** One kernel call: what was asked of a backend. `end` is when the call returned, which on a device that works by itself is before the result is there. */
export interface KernelCall {
  readonly kernel: string;
  readonly start: number;
  readonly end: number;
  /** Shapes of the tensors it read, by input. */
  readonly shapes: Readonly<Record<string, readonly number[]>>;
}

type RunKernel = (name: string, inputs: Readonly<Record<string, unknown>>, attrs?: object) => unknown;

/** Calls `listener` after each kernel until the returned function is called. Several may watch; the last to start ends first. */
export function observeKernels(now: () => number, listener: (call: KernelCall) => void): () => void {
  const engine = tf.engine() as unknown as { runKernel: RunKernel };
  const own = Object.getOwnPropertyDescriptor(engine, 'runKernel');
  const original = engine.runKernel;
  engine.runKernel = (name, inputs, attrs) => {
    const start = now();
    try {
      return original.call(engine, name, inputs, attrs);
    } finally {
      listener({ kernel: name, start, end: now(), shapes: shapesOf(inputs) });
    }
  };
  return () => {
    if (own === undefined) delete (engine as Partial<typeof engine>).runKernel;
    else Object.defineProperty(engine, 'runKernel', own);
  };
}

function shapesOf(inputs: Readonly<Record<string, unknown>>): Record<string, readonly number[]> {
  return Object.fromEntries(
    Object.entries(inputs).flatMap(([name, value]) =>
      value instanceof tf.Tensor ? [[name, value.shape] as const] : [],
    ),
  );
}
