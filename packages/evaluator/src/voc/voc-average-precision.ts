import type { Outcome } from './voc-matching.js';

/** `area`: the area below the curve of precision over recall, made to fall only (VOC 2010 and later); `11points`: the mean of its heights at recall 0, 0.1, ..., 1 (VOC 2007). */
export type EvalMode = 'area' | '11points';

/**
 * Average precision, 0 to 1, of outcomes that stand best first; `wanted` of them could have been right. The precision at a recall is the best one at that or any
 * higher recall (Everingham et al., "The PASCAL Visual Object Classes (VOC) Challenge", 2010).
 */
export function averagePrecision(ordered: readonly Outcome[], wanted: number, mode: EvalMode): number {
  const recalls: number[] = [];
  const precisions: number[] = [];
  let [right, wrong] = [0, 0];
  for (const outcome of ordered) {
    if (outcome === 1) right++;
    else if (outcome === 0) wrong++;
    recalls.push(right / wanted);
    precisions.push(right + wrong === 0 ? 0 : right / (right + wrong));
  }
  for (let i = precisions.length - 2; i >= 0; i--)
    precisions[i] = Math.max(precisions[i] as number, precisions[i + 1] as number);
  return mode === 'area' ? areaBelow(recalls, precisions) : meanOfPoints(recalls, precisions);
}

function areaBelow(recalls: readonly number[], precisions: readonly number[]): number {
  let [area, before] = [0, 0];
  for (const [i, recall] of recalls.entries()) {
    area += (recall - before) * (precisions[i] as number);
    before = recall;
  }
  return area;
}

const POINTS = Array.from({ length: 11 }, (_, i) => i * 0.1);

function meanOfPoints(recalls: readonly number[], precisions: readonly number[]): number {
  let sum = 0;
  for (const point of POINTS) {
    const at = recalls.findIndex((recall) => recall >= point);
    if (at >= 0) sum += precisions[at] as number;
  }
  return sum / POINTS.length;
}
