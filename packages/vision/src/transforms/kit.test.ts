import { type HostArray, hostArray } from '@engine/core';
import { zeros } from '@engine/dataset';
import { describeTransform } from '@engine/dataset/testing';
import { CenterCrop } from './center-crop.js';
import { ColorJitter } from './color-jitter.js';
import { GaussianBlur } from './gaussian-blur.js';
import { Normalize } from './normalize.js';
import { PackInputs } from './pack-inputs.js';
import { Pad } from './pad.js';
import { RandomAffine } from './random-affine.js';
import { RandomErasing } from './random-erasing.js';
import { RandomFlip } from './random-flip.js';
import { RandomGrayscale } from './random-grayscale.js';
import { RandomPerspective } from './random-perspective.js';
import { RandomResizedCrop } from './random-resized-crop.js';
import { RandomRotation } from './random-rotation.js';
import { RandomVerticalFlip } from './random-vertical-flip.js';
import { Resize } from './resize.js';
import { ToTensor } from './to-tensor.js';

function image(dtype: 'uint8' | 'float32', shape: readonly number[]): HostArray {
  const array = zeros(dtype, shape);
  for (let i = 0; i < array.data.length; i++)
    array.data[i] = dtype === 'uint8' ? (i * 37) % 256 : ((i * 37) % 256) / 255;
  return array;
}

const samples = [
  { inputs: image('uint8', [14, 19, 3]), samples: 3 },
  { inputs: image('float32', [20, 9, 1]), samples: 0 },
  {
    inputs: image('uint8', [14, 19, 3]),
    gt_bboxes: hostArray('float32', [2, 4], Float32Array.of(1, 2, 8, 9, 0, 0, 19, 14)),
    gt_bboxes_labels: hostArray('int32', [2], Int32Array.of(1, 0)),
    gt_keypoints: hostArray('float32', [2, 1, 3], Float32Array.of(3, 4, 2, 18, 13, 1)),
    gt_seg_map: image('uint8', [14, 19]),
    gt_masks: image('uint8', [2, 14, 19]),
  },
];

describeTransform(CenterCrop, { options: { size: [30, 7] }, samples });
describeTransform(ColorJitter, { options: { brightness: 0.4, contrast: 0.4, saturation: 0.4, hue: 0.2 }, samples });
describeTransform(GaussianBlur, { options: { kernelSize: [5, 3] }, samples });
describeTransform(Normalize, { options: { mean: [100], std: [50] }, samples });
describeTransform(PackInputs, { samples });
describeTransform(Pad, { options: { sizeDivisor: 16 }, samples });
describeTransform(Pad, { options: { padding: [1, 2, 3, 4], paddingMode: 'reflect' }, samples });
describeTransform(RandomAffine, {
  options: { degrees: 20, translate: [0.1, 0.2], scale: [0.5, 2], shear: 10 },
  samples,
});
describeTransform(RandomErasing, { options: { p: 0.8, value: 'random' }, samples });
describeTransform(RandomFlip, {
  options: { prob: [0.3, 0.3, 0.3], direction: ['horizontal', 'vertical', 'diagonal'] },
  samples,
});
describeTransform(RandomGrayscale, { options: { p: 0.5 }, samples });
describeTransform(RandomPerspective, { options: { p: 0.8 }, samples });
describeTransform(RandomResizedCrop, { options: { size: [6, 7] }, samples });
describeTransform(RandomRotation, { options: { degrees: 180, expand: true, interpolation: 'bilinear' }, samples });
describeTransform(RandomVerticalFlip, { samples });
describeTransform(Resize, { options: { size: 8 }, samples });
describeTransform(Resize, { options: { scale: [20, 9], keepRatio: true, interpolation: 'bicubic' }, samples });
describeTransform(ToTensor, { samples });
