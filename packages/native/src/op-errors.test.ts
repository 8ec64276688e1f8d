import { describe, expect, it } from 'vitest';
import { dtypeCode } from './dtypes.js';
import { opError } from './op-errors.js';

const image = { shape: [32, 28, 28, 64], dtype: 1 };

describe('opError', () => {
  it('has the op, its inputs and the words of TensorFlow', () => {
    const error = opError({
      op: 'MatMul',
      code: 3,
      message: '{{function_node x}} Matrix size-incompatible: In[0]: [2,3], In[1]: [4,5] [Op:MatMul] name: ',
      inputs: [
        { shape: [2, 3], dtype: 1 },
        { shape: [4, 5], dtype: 3 },
      ],
    });
    expect(error.code).toBe('ENGINE_NATIVE_OP_FAILED');
    expect(error.exitCode).toBe(1);
    expect(error.received).toBe(
      'MatMul(float32 [2, 3], int32 [4, 5]): Matrix size-incompatible: In[0]: [2,3], In[1]: [4,5]',
    );
  });

  it('says how much is live and what to try when memory is gone', () => {
    const error = opError({
      op: 'Conv2D',
      code: 8,
      message: 'OOM when allocating',
      inputs: [image],
      liveHandles: 12,
      liveBytes: 3 * 2 ** 20,
    });
    expect(error.code).toBe('ENGINE_NATIVE_OUT_OF_MEMORY');
    expect(error.received).toContain('float32 [32, 28, 28, 64] 6.1 MiB');
    expect(error.received).toContain('12 tensors with 3.0 MiB are live');
    expect(error.action).toMatch(/batches smaller/);
  });

  it.each([
    [5, 'Could not find device for node: {{node Acos}} = Acos[T=DT_INT32] All kernels registered for op Acos'],
    [12, 'The Conv2D op currently only supports the NHWC tensor format on the CPU'],
  ])('of code %i tells a missing kernel from a wrong call', (code, message) => {
    expect(opError({ op: 'Acos', code, message, inputs: [] }).code).toBe('ENGINE_NATIVE_NO_KERNEL');
  });

  it('keeps an op that does not exist apart from a missing kernel', () => {
    const error = opError({ op: 'Nope', code: 5, message: "Op type not registered 'Nope'", inputs: [] });
    expect(error.code).toBe('ENGINE_NATIVE_OP_FAILED');
  });
});

describe('dtypeCode', () => {
  it('knows the types of tensors and refuses others', () => {
    expect(['float32', 'int32', 'bool', 'bfloat16'].map(dtypeCode)).toEqual([1, 3, 10, 14]);
    expect(() => dtypeCode('string')).toThrow(expect.objectContaining({ code: 'ENGINE_NATIVE_DTYPE' }));
  });
});
