import { sizeOf } from './host-array.js';
import type { TorchLayout } from './parameter.js';

/** Axes of PyTorch's array in the order in which ours lists them; depthwise first splits PyTorch's axis O into (C, M). */
const AXES: Readonly<Record<TorchLayout, readonly number[] | undefined>> = {
  same: undefined,
  oihw: [2, 3, 1, 0],
  'odhw-depthwise': [3, 4, 0, 1],
  oiw: [2, 1, 0],
  oidhw: [2, 3, 4, 1, 0],
  iow: [2, 1, 0],
  iohw: [2, 3, 1, 0],
  iodhw: [2, 3, 4, 1, 0],
};

/** Our shape of a weight that PyTorch holds as `torchShape`. `channels` is C of a depthwise kernel (C * M, 1, H, W), ours is (H, W, C, M). */
export function shapeFromTorch(
  torchShape: readonly number[],
  layout: TorchLayout,
  channels = torchShape[0] ?? 1,
): number[] {
  const axes = AXES[layout];
  if (axes === undefined) return [...torchShape];
  const source = splitDepthwise(torchShape, layout, channels);
  return axes.map((axis) => source[axis] as number);
}

/** PyTorch's shape of a weight that we hold as `shape`. */
export function shapeToTorch(shape: readonly number[], layout: TorchLayout): number[] {
  const axes = AXES[layout];
  if (axes === undefined) return [...shape];
  if (layout === 'odhw-depthwise')
    return [(shape[2] as number) * (shape[3] as number), 1, shape[0] as number, shape[1] as number];
  const torch: number[] = [];
  axes.forEach((axis, i) => {
    torch[axis] = shape[i] as number;
  });
  return torch;
}

/** Values in PyTorch's order → values in ours; `shape` is ours. Returns `values` itself where the orders agree. */
export function fromTorchLayout<A extends Float32Array | Float64Array>(
  values: A,
  shape: readonly number[],
  layout: TorchLayout,
): A {
  return reorder(values, shape, { layout, toTorch: false });
}

/** Values in our order → values in PyTorch's; `shape` is ours. Returns `values` itself where the orders agree. */
export function toTorchLayout<A extends Float32Array | Float64Array>(
  values: A,
  shape: readonly number[],
  layout: TorchLayout,
): A {
  return reorder(values, shape, { layout, toTorch: true });
}

interface Direction {
  readonly layout: TorchLayout;
  readonly toTorch: boolean;
}

function reorder<A extends Float32Array | Float64Array>(
  values: A,
  shape: readonly number[],
  { layout, toTorch }: Direction,
): A {
  const axes = AXES[layout];
  if (axes === undefined) return values;
  const strides = torchStrides(shape, layout, axes);
  const out = values.slice() as A;
  const index = shape.map(() => 0);
  let torch = 0;
  for (let ours = 0; ours < sizeOf(shape); ours++) {
    if (toTorch) out[torch] = values[ours] as number;
    else out[ours] = values[torch] as number;
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      torch += strides[axis] as number;
      index[axis] = (index[axis] as number) + 1;
      if ((index[axis] as number) < (shape[axis] as number)) break;
      torch -= (strides[axis] as number) * (shape[axis] as number);
      index[axis] = 0;
    }
  }
  return out;
}

/** How far PyTorch's flat index moves along each of our axes. */
function torchStrides(shape: readonly number[], layout: TorchLayout, axes: readonly number[]): number[] {
  const torch = splitDepthwise(shapeToTorch(shape, layout), layout, shape[2] as number);
  const strides = torch.map((_, axis) => sizeOf(torch.slice(axis + 1)));
  return axes.map((axis) => strides[axis] as number);
}

function splitDepthwise(torchShape: readonly number[], layout: TorchLayout, channels: number): readonly number[] {
  if (layout !== 'odhw-depthwise') return torchShape;
  const [out = 1, ...rest] = torchShape;
  return [channels, out / channels, ...rest];
}
