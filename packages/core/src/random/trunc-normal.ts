import { erf, erfinv32 } from './erf.js';

const { fround } = Math;
/** Below this share of accepted normals PyTorch draws uniforms instead. */
const WIDE_ENOUGH = 0.3;

export interface TruncNormalOptions {
  /** Of the normal before it is cut; default 0. */
  readonly mean?: number;
  /** Of the normal before it is cut; default 1. */
  readonly std?: number;
  /** Lowest value; default -2. */
  readonly a?: number;
  /** Highest value; default 2. */
  readonly b?: number;
  /** MMEngine's way or PyTorch's; default `inversion`. */
  readonly method?: 'inversion' | 'rejection';
}

export interface CutNormal {
  readonly mean: number;
  readonly std: number;
  readonly a: number;
  readonly b: number;
}

/** The draws that are needed here. */
interface Source {
  uniform(target: Float32Array, low?: number, high?: number): Float32Array;
  normal(target: Float32Array, mean?: number, std?: number): Float32Array;
}

const normalCdf = (x: number): number => (1 + erf(x / Math.SQRT2)) / 2;

/** Uniforms between the bounds' probabilities, through the inverse distribution function. */
export function truncNormalByInversion(source: Source, out: Float32Array, cut: CutNormal): Float32Array {
  const { mean, std, a, b } = cut;
  source.uniform(out, 2 * normalCdf((a - mean) / std) - 1, 2 * normalCdf((b - mean) / std) - 1);
  const [scale, shift, low, high] = [fround(std * Math.SQRT2), fround(mean), fround(a), fround(b)];
  for (let i = 0; i < out.length; i++) {
    const value = fround(fround(erfinv32(out[i] as number) * scale) + shift);
    out[i] = Math.min(Math.max(value, low), high);
  }
  return out;
}

/** Draws whole arrays until every element has been accepted once. */
export function truncNormalByRejection(source: Source, out: Float32Array, cut: CutNormal): Float32Array {
  const { mean, std, a, b } = cut;
  const share = normalCdf((b - mean) / std) - normalCdf((a - mean) / std);
  return share > WIDE_ENOUGH ? rejectNormals(source, out, cut) : rejectUniforms(source, out, cut);
}

function rejectNormals(source: Source, out: Float32Array, { mean, std, a, b }: CutNormal): Float32Array {
  const [low, high] = [fround(a), fround(b)];
  const isOutside = (value: number): boolean => value < low || value > high;
  source.normal(out, mean, std);
  while (out.some(isOutside)) {
    const next = source.normal(new Float32Array(out.length), mean, std);
    for (let i = 0; i < out.length; i++) if (isOutside(out[i] as number)) out[i] = next[i] as number;
  }
  return out;
}

/** Uniform candidates, each accepted with its density relative to the highest in [a, b]. */
function rejectUniforms(source: Source, out: Float32Array, { mean, std, a, b }: CutNormal): Float32Array {
  const mode = Math.max(a, Math.min(mean, b));
  const logPeak = fround(-0.5 * ((mode - mean) / std) ** 2);
  const [mean32, std32] = [fround(mean), fround(std)];
  const logDensity = (value: number): number => {
    const distance = fround(fround(value - mean32) / std32);
    return fround(fround(fround(distance * distance) * -0.5) - logPeak);
  };
  const pending = new Uint8Array(out.length).fill(1);
  while (pending.includes(1)) {
    const candidates = source.uniform(new Float32Array(out.length), a, b);
    const accept = source.uniform(new Float32Array(out.length));
    for (let i = 0; i < out.length; i++) {
      if (pending[i] === 0) continue;
      out[i] = candidates[i] as number;
      if (!(fround(Math.log(accept[i] as number)) > logDensity(out[i] as number))) pending[i] = 0;
    }
  }
  return out;
}
