import * as tf from '@tensorflow/tfjs-core';
import { wasm } from '@engine/backend-wasm';
import { Conv2d, crossEntropy, Flatten, Linear, MaxPool2d, ReLU, Sequential } from '@engine/model';
import { OptimWrapper, SGD } from '@engine/optim';
const backend = wasm({ threads: 1 }); await backend.init();
const model = new Sequential(new Conv2d(1, 6, 5, { padding: 2 }), new ReLU(), new MaxPool2d(2), new Conv2d(6, 16, 5), new ReLU(), new MaxPool2d(2), new Flatten(), new Linear(400, 120), new ReLU(), new Linear(120, 84), new ReLU(), new Linear(84, 10));
model.initWeights(0);
const ow = new OptimWrapper({ optimizer: new SGD(model.parameters(), { lr: 0.01, momentum: 0.9 }) });
const images = tf.randomNormal([64, 28, 28, 1]);
const labels = tf.tensor1d(Array.from({ length: 64 }, (_, i) => i % 10), 'int32');
const step = () => ow.updateParams(() => ({ loss: crossEntropy(model.apply(images), labels) })).loss.read();
for (let i = 0; i < 40; i++) await step();
const t0 = performance.now(); const N = 100;
for (let i = 0; i < N; i++) await step();
console.log('ms/step', (performance.now() - t0) / N);
// per kernel, outermost only
const stats = new Map(); let depth = 0;
for (const k of tf.getKernelsForBackend('wasm')) {
  const f = k.kernelFunc; k.kernelFunc = (c) => {
    if (depth > 0) return f(c);
    depth++; const t = performance.now();
    try { return f(c); } finally { depth--; const shapes = Object.values(c.inputs).flat().map(x => x ? `${x.dtype[0]}${x.shape}` : '-').join(' '); const key = process.env.SH ? `${k.kernelName} ${shapes}` : k.kernelName; const s = stats.get(key) ?? [0, 0]; s[0] += performance.now() - t; s[1]++; stats.set(key, s); }
  };
}
for (let i = 0; i < 20; i++) await step();
stats.clear();
const t1 = performance.now();
for (let i = 0; i < N; i++) await step();
const total = (performance.now() - t1) / N; let sum = 0;
for (const [k, [ms, n]] of [...stats].sort((a, b) => b[1][0] - a[1][0]).slice(0, 45)) { sum += ms / N; console.log((ms / N).toFixed(3), (n / N).toFixed(1), k); }
console.log('total', total.toFixed(2), 'kernels', sum.toFixed(2));
