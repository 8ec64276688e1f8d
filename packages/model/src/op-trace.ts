/** Which ops a function calls. The one place that touches fields of TensorFlow.js (4.22) which its types hide. */
import * as tf from '@tensorflow/tfjs-core';

interface TapeNode {
  readonly inputs: Readonly<Record<string, tf.Tensor>>;
  readonly saved?: readonly tf.Tensor[];
}

interface Engine {
  startTape(): void;
  endTape(): void;
  readonly state: { activeTape: TapeNode[] | null; readonly gradientDepth: number };
}

/** The ops called so far, in order: the ids of the tensors that each reads. */
export type OpReads = () => readonly (readonly number[])[];

/** Runs `fn`, which may ask what has been called. Works inside of gradients and out of them. */
export function traceOps<T>(fn: (reads: OpReads) => T): T {
  const engine = tf.engine() as unknown as Engine;
  engine.startTape();
  const from = engine.state.activeTape?.length ?? 0;
  try {
    return fn(() =>
      (engine.state.activeTape ?? []).slice(from).map(({ inputs }) => Object.values(inputs).map(({ id }) => id)),
    );
  } finally {
    engine.endTape();
    if (engine.state.gradientDepth === 0) {
      // what a gradient would have used
      for (const { saved = [] } of engine.state.activeTape ?? []) for (const tensor of saved) tensor.dispose();
      engine.state.activeTape = null;
    }
  }
}
