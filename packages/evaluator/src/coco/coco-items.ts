import { evaluatorErrors } from '../errors.js';
import type { CocoCells, CocoSize } from './coco-eval.js';

/** As NumPy spaces ten values from 0.5 to 0.95, so that comparisons with an overlap come out alike. */
export const DEFAULT_IOU_THRS: readonly number[] = Array.from({ length: 10 }, (_, i) =>
  i === 9 ? 0.95 : i * ((0.95 - 0.5) / 9) + 0.5,
);

/** A value to compute, by its name. */
export interface MetricItem {
  readonly item: string;
  readonly measure: 'AP' | 'AR';
  readonly cells: CocoCells;
}

interface Limits {
  readonly iouThrs: readonly number[];
  /** Rising. */
  readonly maxDets: readonly number[];
}

/** The names of COCO's table; recall only for proposals. Thresholds that are not computed have no name. */
export function itemsFor(isProposal: boolean, { iouThrs, maxDets }: Limits): string[] {
  const most = maxDets.at(-1);
  const recall = [...maxDets.map((count) => `AR@${count}`), ...['s', 'm', 'l'].map((size) => `AR_${size}@${most}`)];
  if (isProposal) return recall;
  const precise = ['mAP_50', 'mAP_75'].filter((name) => thresholdOf(name, iouThrs) !== undefined);
  return ['mAP', ...precise, 'mAP_s', 'mAP_m', 'mAP_l', ...recall];
}

/** @throws `ENGINE_EVALUATOR_COCO_OPTION` for a name that is none, or needs a threshold or count that is not computed */
export function parseItem(item: string, { iouThrs, maxDets }: Limits): MetricItem {
  const [, precisionOf, recallSize, count] = /^(?:mAP(?:_([sml]|\d{2}))?|AR(?:_([sml]))?@(\d+))$/.exec(item) ?? [];
  if (item.startsWith('mAP') && (precisionOf !== undefined || item === 'mAP')) {
    const size = /^[sml]$/.test(precisionOf ?? '') ? (precisionOf as CocoSize) : undefined;
    if (precisionOf === undefined || size !== undefined) return { item, measure: 'AP', cells: { size } };
    const iouThr = thresholdOf(item, iouThrs);
    if (iouThr !== undefined) return { item, measure: 'AP', cells: { iouThr } };
  }
  const maxDet = Number(count);
  if (maxDets.includes(maxDet))
    return { item, measure: 'AR', cells: { maxDet, size: recallSize as CocoSize | undefined } };
  throw evaluatorErrors.COCO_OPTION({
    subject: 'CocoMetric.metricItems',
    expected: `mAP, mAP_s, mAP_m, mAP_l, mAP_50 for one of iouThrs, AR@N, AR_s@N, AR_m@N, AR_l@N for one of maxDets (${maxDets.join(', ')})`,
    received: item,
    action: 'write one of those names, or add the threshold to iouThrs or the count to maxDets',
  });
}

/** The threshold of `mAP_50`, among those that are computed. */
function thresholdOf(item: string, iouThrs: readonly number[]): number | undefined {
  const wanted = Number(item.slice('mAP_'.length)) / 100;
  return iouThrs.find((threshold) => Math.abs(threshold - wanted) < 1e-9);
}
