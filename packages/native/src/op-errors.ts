import { type EngineError, sizeOf } from '@engine/core/plain';
import { BYTES_PER_ELEMENT, dtypeName } from './dtypes.js';
import { nativeErrors } from './errors.js';

/** What is known of a call that failed. */
export interface FailedCall {
  readonly op: string;
  readonly inputs: readonly { readonly shape: readonly number[]; readonly dtype: number }[];
  /** TF_Code. */
  readonly code: number;
  readonly message: string;
  /** Handles of tensors that are alive, and the bytes in them, where known. */
  readonly liveHandles?: number | undefined;
  readonly liveBytes?: number | undefined;
}

const [NOT_FOUND, RESOURCE_EXHAUSTED, UNIMPLEMENTED] = [5, 8, 12];
const MIB = 2 ** 20;

/** The coded error of a failed op; TensorFlow's own words are in it. */
export function opError(call: FailedCall): EngineError {
  const { op, code } = call;
  const message = (call.message.split('\n')[0] ?? '').replace(/ \[Op:\w*\].*$/, '').replace(/\{\{[^}]*\}\} ?/g, '');
  const received = `${op}(${call.inputs.map(describe).join(', ')}): ${message}`;
  if (code === RESOURCE_EXHAUSTED) {
    const { liveHandles, liveBytes } = call;
    const many = liveHandles === undefined ? 'tensors' : `${liveHandles} tensors`;
    const live = liveBytes === undefined ? '' : `; ${many} with ${(liveBytes / MIB).toFixed(1)} MiB are live`;
    return nativeErrors.OUT_OF_MEMORY({
      subject: op,
      expected: 'room on the device for the result of the op',
      received: received + live,
      action:
        'make batches smaller, accumulate gradients over several (accumulativeCounts), or free memory on the device',
    });
  }
  if (code === UNIMPLEMENTED || (code === NOT_FOUND && /kernel|OpKernel/i.test(message))) {
    return nativeErrors.NO_KERNEL({
      subject: op,
      expected: 'element types for which TensorFlow has a kernel',
      received,
      action: 'cast the inputs to float32, or run this layer on another backend',
    });
  }
  return nativeErrors.OP_FAILED({
    subject: op,
    expected: 'inputs and attributes that the op takes',
    received,
    action: 'correct the shapes or values that the layer is called with; its name is in the stack below',
  });
}

function describe({ shape, dtype }: FailedCall['inputs'][number]): string {
  const bytes = sizeOf(shape) * (BYTES_PER_ELEMENT[dtype] ?? 4);
  const size = bytes >= MIB ? ` ${(bytes / MIB).toFixed(1)} MiB` : '';
  return `${dtypeName(dtype)} [${shape.join(', ')}]${size}`;
}
