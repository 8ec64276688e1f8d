import type { Handle } from '../../tensor-flow.js';
import { type Compute, input, type Kernels, T_FLOAT, type } from '../kernel.js';

const INT = [type('T', 'int32')];

/** `LabelCrossEntropy` of `@engine/core`. TensorFlow refuses labels that are no classes: they are put among the classes, and what they give is cleared. */
const labelCrossEntropy: Compute = (call) => {
  const { b } = call;
  const [logits, labels] = [input(call, 'logits'), input(call, 'labels')];
  const [rows, classes] = logits.shape as [number, number];
  const given = b.handleOf(labels);
  const inside = b.run('ClipByValue', [given, b.scalar(0, 'int32'), b.scalar(classes - 1, 'int32')], INT);
  const counts = b.run('Cast', [b.run('Equal', [given, inside], INT)], [type('SrcT', 'bool'), type('DstT', 'float32')]);
  const [loss, slope] = b.runMany(
    'SparseSoftmaxCrossEntropyWithLogits',
    [b.handleOf(logits), inside],
    [T_FLOAT, type('Tlabels', 'int32')],
    2,
  ) as [Handle, Handle];
  const column = b.run('Reshape', [counts, b.ints([rows, 1])], [T_FLOAT, type('Tshape', 'int32')]);
  return [
    b.output('MulNoNan', [loss, counts], [T_FLOAT], [rows], 'float32'),
    b.output('MulNoNan', [slope, column], [T_FLOAT], [rows, classes], 'float32'),
  ];
};

export const losses: Kernels = { LabelCrossEntropy: labelCrossEntropy };
