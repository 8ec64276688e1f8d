import { fma32, fma64, log32, sinCos32 } from './float-math.js';

/** Uniforms of one block: cosine partners first, sine partners eight places later. */
export const BLOCK = 16;
const HALF = BLOCK / 2;
const TWO_PI_32 = Math.fround(2 * Math.PI);
const { fround } = Math;

/** Location and scale of a normal distribution. */
export interface Normal {
  readonly mean: number;
  readonly std: number;
}

/** Turns sixteen uniforms at `offset` into normals in place, in float32 with fused operations (PyTorch's vectorised kernel). */
export function normalBlock32(values: Float32Array, offset: number, { mean, std }: Normal): void {
  const mean32 = fround(mean);
  const std32 = fround(std);
  for (let j = offset; j < offset + HALF; j++) {
    const radius = fround(Math.sqrt(-2 * log32(fround(1 - (values[j] as number)))));
    const { sin, cos } = sinCos32(fround(TWO_PI_32 * (values[j + HALF] as number)));
    values[j] = fma32(fround(radius * cos), std32, mean32);
    values[j + HALF] = fma32(fround(radius * sin), std32, mean32);
  }
}

/** The same in double precision. */
export function normalBlock64(values: Float64Array, offset: number, { mean, std }: Normal): void {
  for (let j = offset; j < offset + HALF; j++) {
    const radius = Math.sqrt(-2 * Math.log(1 - (values[j] as number)));
    const angle = 2 * Math.PI * (values[j + HALF] as number);
    values[j] = fma64(radius * Math.cos(angle), std, mean);
    values[j + HALF] = fma64(radius * Math.sin(angle), std, mean);
  }
}

/** Two standard normals from two uniforms in [0, 1). */
export function normalPair(angleUniform: number, radiusUniform: number): [cosine: number, sine: number] {
  const radius = Math.sqrt(-2 * Math.log1p(-radiusUniform));
  const angle = 2 * Math.PI * angleUniform;
  return [radius * Math.cos(angle), radius * Math.sin(angle)];
}
