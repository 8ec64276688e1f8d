/** Initial values with a structure, as PyTorch's `torch.nn.init` makes them. */
import { sizeOf } from '@engine/core';
import { modelErrors } from './errors.js';
import type { Initializer } from './initializers.js';

/** Rows (or columns, where there are more rows) of a weight, flattened to a matrix, that are orthonormal times `gain`. Saxe et al. 2013. */
export const orthogonal =
  (gain = 1): Initializer =>
  (shape, generator) => {
    if (shape.length < 2) throw badShape('a weight of at least two axes', shape);
    const rows = shape[0] as number;
    const columns = sizeOf(shape.slice(1));
    const drawn = generator.normal(sizeOf(shape));
    const isTall = rows >= columns;
    const [count, length] = isTall ? [columns, rows] : [rows, columns];
    const at = (vector: number, i: number): number => (isTall ? i * columns + vector : vector * columns + i);
    const vectors = Array.from({ length: count }, (_v, v) =>
      Float64Array.from({ length }, (_i, i) => drawn[at(v, i)] as number),
    );
    orthonormalise(vectors);
    vectors.forEach((vector, v) => {
      for (let i = 0; i < length; i++) drawn[at(v, i)] = Math.fround(vector[i] as number) * gain;
    });
    return drawn;
  };

/** Gram and Schmidt, twice for each vector: the factor Q of a QR decomposition whose R has a positive diagonal. */
function orthonormalise(vectors: readonly Float64Array[]): void {
  for (const [v, vector] of vectors.entries()) {
    for (const other of [...vectors.slice(0, v), ...vectors.slice(0, v)]) {
      const overlap = dot(vector, other);
      for (let i = 0; i < vector.length; i++) vector[i] = (vector[i] as number) - overlap * (other[i] as number);
    }
    const length = Math.sqrt(dot(vector, vector));
    for (let i = 0; i < vector.length; i++) vector[i] = (vector[i] as number) / length;
  }
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += (a[i] as number) * (b[i] as number);
  return sum;
}

/** Ones on the diagonal of a matrix. */
export const eye = (): Initializer => (shape) => {
  if (shape.length !== 2) throw badShape('a matrix', shape);
  const [rows, columns] = shape as readonly [number, number];
  const out = new Float32Array(rows * columns);
  for (let i = 0; i < Math.min(rows, columns); i++) out[i * columns + i] = 1;
  return out;
};

/** A convolution kernel that passes channels on unchanged, as many as there are; with groups each group does. */
export const dirac =
  (groups = 1): Initializer =>
  (shape) => {
    const [outputs = 0, inputs = 0, ...kernel] = shape;
    if (shape.length < 3 || shape.length > 5 || outputs % groups !== 0)
      throw badShape(`a kernel of three to five axes whose first is a multiple of groups = ${groups}`, shape);
    const size = sizeOf(kernel);
    const centre = kernel.reduce((place, extent) => place * extent + Math.floor(extent / 2), 0);
    const out = new Float32Array(sizeOf(shape));
    const width = outputs / groups;
    for (let group = 0; group < groups; group++) {
      for (let d = 0; d < Math.min(width, inputs); d++) out[((group * width + d) * inputs + d) * size + centre] = 1;
    }
    return out;
  };

/** A matrix of normals (deviation `std`) with the share `sparsity` of each column set to zero. Martens 2010. */
export const sparse =
  (sparsity: number, std = 0.01): Initializer =>
  (shape, generator) => {
    if (shape.length !== 2) throw badShape('a matrix', shape);
    const [rows, columns] = shape as readonly [number, number];
    const zeros = Math.ceil(sparsity * rows);
    const out = generator.normal(rows * columns, 0, std);
    for (let column = 0; column < columns; column++)
      for (const row of generator.randperm(rows).subarray(0, zeros)) out[row * columns + column] = 0;
    return out;
  };

function badShape(expected: string, shape: readonly number[]): Error {
  return modelErrors.BAD_INITIALIZER({
    expected,
    received: `shape (${shape.join(', ')})`,
    action: 'use another initialiser for this weight',
  });
}
