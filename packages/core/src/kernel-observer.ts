/** Watches the kernels that TensorFlow.js runs. */
import * as tf from '@tensorflow/tfjs-core';

type Shape = readonly number[];

/** One kernel call: what was asked of a backend. `end` is when the call returned, which on a device that works by itself is before the result is there. */
export interface KernelCall {
  readonly kernel: string;
  readonly start: number;
  readonly end: number;
  /** Shapes of the tensors it read, by input. */
  readonly inputs: Readonly<Record<string, Shape>>;
  /** Shapes of what it made; none where it threw. */
  readonly outputs: readonly Shape[];
  readonly attrs: Readonly<Record<string, unknown>>;
}

type Attrs = Readonly<Record<string, unknown>>;
type RunKernel = (name: string, inputs: Attrs, attrs?: Attrs) => unknown;

/**
 * Calls `listener` after each kernel until the returned function is called. `now` tells the time. Several may watch; whoever began last
 * ends first.
 */
export function observeKernels(now: () => number, listener: (call: KernelCall) => void): () => void {
  const engine = tf.engine() as unknown as { runKernel: RunKernel };
  const own = Object.getOwnPropertyDescriptor(engine, 'runKernel');
  const original = engine.runKernel;
  engine.runKernel = (kernel, inputs, attrs) => {
    const start = now();
    let result: unknown;
    try {
      result = original.call(engine, kernel, inputs, attrs);
      return result;
    } finally {
      const outputs = [result].flat().flatMap((value) => (value instanceof tf.Tensor ? [value.shape] : []));
      listener({ kernel, start, end: now(), inputs: shapesOf(inputs), outputs, attrs: attrs ?? {} });
    }
  };
  return () => {
    if (own === undefined) delete (engine as Partial<typeof engine>).runKernel;
    else Object.defineProperty(engine, 'runKernel', own);
  };
}

function shapesOf(inputs: Attrs): Record<string, Shape> {
  return Object.fromEntries(
    Object.entries(inputs).flatMap(([name, value]) => (value instanceof tf.Tensor ? [[name, value.shape]] : [])),
  );
}
