/** Window arithmetic of pooling along one axis. */

export interface Window {
  readonly kernel: number;
  readonly stride: number;
  readonly padding: number;
}

/** Places that ceil mode adds after the padding. A last window that would start beyond input and padding is left out, as in PyTorch. */
export function ceilOverhang(extent: number, { kernel, stride, padding }: Window): number {
  const room = extent + 2 * padding - kernel;
  let outputs = Math.ceil(room / stride) + 1;
  if ((outputs - 1) * stride >= extent + padding) outputs -= 1;
  return Math.max(0, (outputs - 1) * stride - room);
}

/** How many places each window averages over: those of the input, and of the padding where that counts; never the overhang. */
export function averageCounts(
  extent: number,
  window: Window & { readonly outputs: number; readonly countIncludePad: boolean },
): number[] {
  const { kernel, stride, padding, outputs, countIncludePad } = window;
  const [low, high] = countIncludePad ? [-padding, extent + padding] : [0, extent];
  return Array.from({ length: outputs }, (_, i) => {
    const start = i * stride - padding;
    return Math.min(start + kernel, high) - Math.max(start, low);
  });
}
