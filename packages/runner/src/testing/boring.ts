/** The smallest model, data and run that use everything a run can have: weights, buffers, dropout, shuffling, metrics. */
import { hostArray, KeyedRandom, type Platform, type StopSignal } from '@engine/core';
import type { Dataset, Sample } from '@engine/dataset';
import { BaseMetric } from '@engine/evaluator';
import { BaseModel, BatchNorm2d, crossEntropy, Dropout, Flatten, Linear, type Mode } from '@engine/model';
import * as tf from '@tensorflow/tfjs-core';

const SIDE = 2;
const CHANNELS = 2;
const CLASSES = 3;

/** (N, 2, 2, 2) → 3 classes, with a batch norm and a dropout. */
export class BoringModel extends BaseModel {
  readonly bn = new BatchNorm2d(CHANNELS);
  readonly flatten = new Flatten();
  readonly drop = new Dropout(0.25);
  readonly head = new Linear(SIDE * SIDE * CHANNELS, CLASSES);

  override forward(images: tf.Tensor4D, labels: tf.Tensor1D, mode: Mode): unknown {
    const features = this.drop.apply(this.flatten.apply(this.bn.apply(images)) as tf.Tensor2D);
    const logits = this.head.apply(features) as tf.Tensor2D;
    if (mode === 'loss') return { loss: crossEntropy(logits, labels) };
    return mode === 'predict' ? [logits, labels] : logits;
  }
}

/** Random images whose label follows from the sign of their mean; the same for every process. */
export class BoringDataset implements Dataset {
  readonly metainfo = { classes: ['low', 'middle', 'high'] };
  readonly length: number;

  constructor(length = 12) {
    this.length = length;
  }

  init(): Promise<void> {
    return Promise.resolve();
  }

  get(index: number): Sample {
    const random = new KeyedRandom(7, 'boring', index);
    const data = Float32Array.from({ length: SIDE * SIDE * CHANNELS }, () => random.nextNormal());
    const mean = data.reduce((sum, value) => sum + value, 0) / data.length;
    const label = mean < -0.2 ? 0 : mean < 0.2 ? 1 : 2;
    return { inputs: hostArray('float32', [SIDE, SIDE, CHANNELS], data), samples: label };
  }
}

/** Share of right answers, in percent, as `acc`. */
export class BoringMetric extends BaseMetric<{ right: number; total: number }> {
  async process(_batch: unknown, [logits, labels]: readonly [tf.Tensor2D, tf.Tensor1D]): Promise<void> {
    const right = tf.sum(tf.cast(tf.equal(tf.argMax(logits, -1), labels), 'int32'));
    this.results.push({ right: (await right.data())[0] ?? 0, total: labels.size });
    right.dispose();
  }

  computeMetrics(results: readonly { right: number; total: number }[]): { acc: number } {
    const sum = (key: 'right' | 'total'): number => results.reduce((total, result) => total + result[key], 0);
    return { acc: (100 * sum('right')) / sum('total') };
  }
}

/** A platform whose signals are sent by hand and which remembers with what code it was asked to exit. */
export class ManualPlatform implements Platform {
  readonly name = 'manual';
  readonly exitCodes: number[] = [];
  readonly #listeners = new Set<readonly [StopSignal, () => void]>();
  readonly #turns: () => Promise<void>;
  #time = 0;

  /** `turn` lets other tasks run. */
  constructor(turn: () => Promise<void> = () => Promise.resolve()) {
    this.#turns = turn;
  }

  send(signal: StopSignal): void {
    for (const [wanted, listener] of this.#listeners) if (wanted === signal) listener();
  }
  get listeners(): number {
    return this.#listeners.size;
  }

  now(): number {
    return Date.UTC(2026, 10, 21, 10, 15);
  }
  /** Moves on by a millisecond at each call. */
  monotonic(): number {
    this.#time += 1;
    return this.#time;
  }
  cpuCount(): number {
    return 1;
  }
  residentBytes(): undefined {
    return undefined;
  }
  env(): undefined {
    return undefined;
  }
  import(specifier: string): Promise<Record<string, unknown>> {
    return Promise.reject(new Error(`nothing can be imported here: ${specifier}`));
  }
  onSignal(signal: StopSignal, listener: () => void): () => void {
    const entry = [signal, listener] as const;
    this.#listeners.add(entry);
    return () => this.#listeners.delete(entry);
  }
  yieldToEventLoop(): Promise<void> {
    return this.#turns();
  }
  exit(code: number): void {
    this.exitCodes.push(code);
  }
  describe(): Readonly<Record<string, string>> {
    return { system: 'manual' };
  }
}
