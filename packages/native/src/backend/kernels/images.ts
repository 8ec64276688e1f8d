import * as tf from '@tensorflow/tfjs-core';
import { bool, type Compute, castTo, float, input, type Kernels, T, T_FLOAT, text } from '../kernel.js';

const resize =
  (op: 'ResizeBilinear' | 'ResizeNearestNeighbor'): Compute =>
  (call) => {
    const { b, attrs } = call;
    const images = input(call, 'images');
    const size = attrs['size'] as number[];
    const [batch, , , depth] = images.shape as [number, number, number, number];
    const dtype = op === 'ResizeBilinear' ? 'float32' : images.dtype;
    const attributes = [
      T(dtype),
      bool('align_corners', attrs['alignCorners'] === true),
      bool('half_pixel_centers', attrs['halfPixelCenters'] === true),
    ];
    const shape = [batch, size[0] as number, size[1] as number, depth];
    return b.output(op, [castTo(b, images, dtype), b.ints(size)], attributes, shape, dtype);
  };

const resizeGrad =
  (op: 'ResizeBilinearGrad' | 'ResizeNearestNeighborGrad'): Compute =>
  (call) => {
    const { b, attrs } = call;
    const [images, dy] = [input(call, 'images'), input(call, 'dy')];
    const second = op === 'ResizeBilinearGrad' ? b.handleOf(images) : b.ints(images.shape.slice(1, 3));
    const attributes = [T_FLOAT, bool('align_corners', attrs['alignCorners'] === true)];
    return b.output(op, [b.handleOf(dy), second], attributes, images.shape, 'float32');
  };

/** Which boxes stay is known only when their scores are: on the host. */
const suppression =
  (version: 4 | 5): Compute =>
  (call) => {
    const { b, attrs } = call;
    const [boxes, scores] = [b.valuesOf(input(call, 'boxes')), b.valuesOf(input(call, 'scores'))];
    const [most, overlap, threshold] = ['maxOutputSize', 'iouThreshold', 'scoreThreshold'].map((name) =>
      Number(attrs[name]),
    ) as [number, number, number];
    if (version === 4) {
      const { selectedIndices, validOutputs } = tf.kernel_impls.nonMaxSuppressionV4Impl(
        boxes,
        scores,
        most,
        overlap,
        threshold,
        attrs['padToMaxOutputSize'] === true,
      );
      const indices = Int32Array.from(selectedIndices);
      return [
        b.fromHost(indices, [indices.length], 'int32'),
        b.fromHost(Int32Array.of(validOutputs as number), [], 'int32'),
      ];
    }
    const sigma = Number(attrs['softNmsSigma']);
    const { selectedIndices, selectedScores } = tf.kernel_impls.nonMaxSuppressionV5Impl(
      boxes,
      scores,
      most,
      overlap,
      threshold,
      sigma,
    );
    const [indices, kept] = [Int32Array.from(selectedIndices), Float32Array.from(selectedScores as number[])];
    return [b.fromHost(indices, [indices.length], 'int32'), b.fromHost(kept, [kept.length], 'float32')];
  };

export const images: Kernels = {
  [tf.ResizeBilinear]: resize('ResizeBilinear'),
  [tf.ResizeNearestNeighbor]: resize('ResizeNearestNeighbor'),
  [tf.ResizeBilinearGrad]: resizeGrad('ResizeBilinearGrad'),
  [tf.ResizeNearestNeighborGrad]: resizeGrad('ResizeNearestNeighborGrad'),
  [tf.CropAndResize]: (call) => {
    const { b, attrs } = call;
    const [image, boxes, places] = ['image', 'boxes', 'boxInd'].map((name) => input(call, name)) as [
      tf.TensorInfo,
      tf.TensorInfo,
      tf.TensorInfo,
    ];
    const size = attrs['cropSize'] as [number, number];
    const attributes = [
      T(image.dtype),
      text('method', String(attrs['method'])),
      float('extrapolation_value', Number(attrs['extrapolationValue'])),
    ];
    const shape = [boxes.shape[0] as number, ...size, image.shape[3] as number];
    const handles = [b.handleOf(image), b.handleOf(boxes), castTo(b, places, 'int32'), b.ints(size)];
    return b.output('CropAndResize', handles, attributes, shape, 'float32');
  },
  [tf.NonMaxSuppressionV3]: (call) => {
    const { b, attrs } = call;
    const [boxes, scores] = [b.handleOf(input(call, 'boxes')), b.handleOf(input(call, 'scores'))];
    const limits = [Number(attrs['iouThreshold']), Number(attrs['scoreThreshold'])].map((limit) => b.scalar(limit));
    const handles = [boxes, scores, b.int(Number(attrs['maxOutputSize'])), ...limits];
    const kept = b.run('NonMaxSuppressionV3', handles, [T_FLOAT, { ...T_FLOAT, name: 'T_threshold' }]);
    return b.keep(kept, b.runtime.shapeOf(kept), 'int32');
  },
  [tf.NonMaxSuppressionV4]: suppression(4),
  [tf.NonMaxSuppressionV5]: suppression(5),
};
