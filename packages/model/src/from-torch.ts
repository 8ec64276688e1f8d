import { fromTorchLayout, type HostArray, shapeFromTorch, shapeToTorch, type TorchLayout } from '@engine/core';

/** Where a weight of PyTorch goes; every `Parameter` is such a place. */
export interface TorchSlot {
  /** Our shape. */
  readonly shape: readonly number[];
  readonly torchLayout: TorchLayout;
}

/**
 * A `state_dict` of PyTorch in our memory layouts, for `loadStateDict`. `slots` are a model's `namedParameters()`. What has no slot, or
 * another number of axes than its slot, comes back as it is: loading tells about it. Arrays whose layout is the same are shared.
 */
export function stateFromTorch(
  state: ReadonlyMap<string, HostArray>,
  slots: ReadonlyMap<string, TorchSlot>,
): Map<string, HostArray> {
  return new Map([...state].map(([name, array]) => [name, arrayFromTorch(array, slots.get(name))]));
}

function arrayFromTorch(array: HostArray, slot: TorchSlot | undefined): HostArray {
  const { dtype, data } = array;
  if (slot === undefined || slot.torchLayout === 'same') return array;
  if (!(data instanceof Float32Array || data instanceof Float64Array)) return array;
  const { torchLayout } = slot;
  if (array.shape.length !== shapeToTorch(slot.shape, torchLayout).length) return array;
  const channels = torchLayout === 'odhw-depthwise' ? slot.shape[2] : undefined;
  if (channels !== undefined && ((array.shape[0] ?? 0) % channels !== 0 || array.shape[1] !== 1)) return array;
  const shape = shapeFromTorch(array.shape, torchLayout, channels);
  return { dtype, shape, data: fromTorchLayout(data, shape, torchLayout) };
}
