import * as tf from '@tensorflow/tfjs-core';
import { modelErrors } from './errors.js';
import { BatchNorm } from './layers/batch-norm.js';
import { Conv } from './layers/conv.js';
import type { Module } from './module.js';
import { type OpReads, traceOps } from './op-trace.js';

type AnyConv = Conv<readonly number[]>;
type AnyNorm = BatchNorm & { forward(x: tf.Tensor): tf.Tensor };
type Forward = (x: tf.Tensor) => tf.Tensor;

/**
 * From now on a batch norm in evaluation mode is computed inside the convolution before it, here and in training with frozen norms: the
 * kernel is scaled instead of the output, which gradients of either still reach. For the modules of these names below `model` ('' is the
 * model itself). The first call of such a module finds out which norm reads what a convolution gave, and whether anything else does:
 * then the pair stays as it is. You et al. 2023.
 * @throws `ENGINE_MODEL_UNKNOWN_MODULE`; when called, `ENGINE_MODEL_STRUCTURE_CHANGED`
 */
export function turnOnEfficientConvBnEval(model: Module, modules: string | readonly string[]): void {
  const known = model.namedModules();
  for (const name of [modules].flat() as string[]) {
    const module = known.get(name);
    if (module === undefined) {
      throw modelErrors.UNKNOWN_MODULE({
        subject: 'efficientConvBnEval',
        expected: `modules of ${model.constructor.name}: ${[...known.keys()].filter((path) => path !== '').join(', ')}`,
        received: name,
        action: "name one of them, e.g. 'backbone', or '' for the whole model",
      });
    }
    new PairedEvaluation().watch(module);
  }
}

/** `norm(conv(x))` by one convolution with a kernel scaled by the norm. */
export function fusedConvBn(norm: AnyNorm, conv: AnyConv, x: tf.Tensor): tf.Tensor {
  const { runningMean, runningVar, weight, bias, eps } = norm;
  const deviation = tf.rsqrt(tf.add(runningVar?.value as tf.Tensor, eps));
  const scale = weight === undefined ? deviation : tf.mul(weight.value, deviation);
  const shape = conv.weight.torchLayout === 'odhw-depthwise' ? conv.weight.shape.slice(2) : scale.shape;
  const mean = runningMean?.value as tf.Tensor;
  const shift = tf.mul(scale, conv.bias === undefined ? tf.neg(mean) : tf.sub(conv.bias.value, mean));
  const kernel = tf.mul(conv.weight.value, tf.reshape(scale, [...shape]));
  return conv.forwardWith(x, kernel, bias === undefined ? shift : tf.add(shift, bias.value));
}

interface ConvCall {
  readonly output: tf.Tensor;
  readonly channels: number;
  norm?: AnyNorm;
  /** Ops called while the norm ran. */
  inside?: readonly [from: number, to: number];
}

/** Watches the convolutions and norms of a module. */
class PairedEvaluation {
  /** By the kind of call: the norm that takes in the output of each call of a convolution, if one does. */
  readonly #plans = new Map<string, readonly (AnyNorm | undefined)[]>();
  #recording: { readonly calls: ConvCall[]; readonly reads: OpReads } | undefined;
  #running:
    | { readonly plan: readonly (AnyNorm | undefined)[]; next: number; readonly fused: Set<tf.Tensor> }
    | undefined;

  /** Takes over `forward` of the module and of the convolutions and norms in it. */
  watch(module: Module): void {
    module.visit((part) => {
      if (part instanceof Conv) override(part, (forward) => (x) => this.#convolve(part, x, forward as Forward));
      else if (isNorm(part)) override(part, (forward) => (x) => this.#normalize(part, x, forward as Forward));
    });
    override(
      module,
      (forward) =>
        (...args) =>
          this.#call(args, () => forward(...args)),
    );
  }

  #call(args: readonly unknown[], forward: () => unknown): unknown {
    if (this.#recording !== undefined || this.#running !== undefined) return forward();
    const kind = kindOf(args);
    const plan = this.#plans.get(kind);
    return plan === undefined ? this.#record(kind, forward) : this.#run(plan, forward);
  }

  #record(kind: string, forward: () => unknown): unknown {
    return traceOps((reads) => {
      const calls: ConvCall[] = [];
      this.#recording = { calls, reads };
      try {
        const result = forward();
        const returned = new Set(
          tf.tensor_util.getTensorsInContainer(result as tf.TensorContainer).map(({ id }) => id),
        );
        this.#plans.set(
          kind,
          calls.map((call) => (returned.has(call.output.id) || isReadElsewhere(call, reads()) ? undefined : call.norm)),
        );
        return result;
      } finally {
        this.#recording = undefined;
      }
    });
  }

  #run(plan: readonly (AnyNorm | undefined)[], forward: () => unknown): unknown {
    const running = { plan, next: 0, fused: new Set<tf.Tensor>() };
    this.#running = running;
    try {
      const result = forward();
      if (running.next !== plan.length || running.fused.size > 0) throw changed(plan.length, running.next);
      return result;
    } finally {
      this.#running = undefined;
    }
  }

  #convolve(conv: AnyConv, x: tf.Tensor, forward: Forward): tf.Tensor {
    const running = this.#running;
    if (running === undefined) {
      const output = forward(x);
      this.#recording?.calls.push({ output, channels: conv.outChannels });
      return output;
    }
    const norm = running.plan[running.next];
    running.next += 1;
    if (norm === undefined || norm.training) return forward(x);
    const output = fusedConvBn(norm, conv, x);
    running.fused.add(output);
    return output;
  }

  #normalize(norm: AnyNorm, x: tf.Tensor, forward: Forward): tf.Tensor {
    if (this.#running?.fused.delete(x) === true) return x;
    const recording = this.#recording;
    const call = recording?.calls.find(({ output, inside }) => output === x && inside === undefined);
    if (recording === undefined || call === undefined || norm.runningMean === undefined) return forward(x);
    const from = recording.reads().length;
    const y = forward(x);
    if (call.channels === norm.numFeatures) Object.assign(call, { norm, inside: [from, recording.reads().length] });
    return y;
  }
}

function isReadElsewhere({ output, inside = [0, 0] }: ConvCall, reads: ReturnType<OpReads>): boolean {
  return reads.some((ids, op) => ids.includes(output.id) && !(op >= inside[0] && op < inside[1]));
}

/** Calls with other flags may take another way through the module. */
function kindOf(args: readonly unknown[]): string {
  return JSON.stringify(args.map((arg) => (typeof arg === 'object' && arg !== null ? 'object' : String(arg))));
}

function override(
  module: Module,
  wrap: (forward: (...args: unknown[]) => unknown) => (...args: never[]) => unknown,
): void {
  const forward = module.forward.bind(module) as unknown as (...args: unknown[]) => unknown;
  Object.defineProperty(module, 'forward', { value: wrap(forward), configurable: true, writable: true });
}

function isNorm(module: Module): module is AnyNorm {
  return module instanceof BatchNorm;
}

function changed(expected: number, received: number): Error {
  return modelErrors.STRUCTURE_CHANGED({
    subject: 'efficientConvBnEval',
    expected: `${expected} calls of convolutions, each read by the same norm as at the first call`,
    received: `${received} calls, or an output that its norm did not get`,
    action: 'leave the module out of efficientConvBnEval: what it calls depends on more than its arguments',
  });
}
