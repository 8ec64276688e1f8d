import { BorderPad, type PaddingSizes } from './padding.js';

/** Mirrors sequences at the edge, which is not repeated, (N, L, C). */
export class ReflectionPad1d extends BorderPad {
  /** @throws `ENGINE_MODEL_BAD_LAYER_OPTION` */
  constructor(padding: PaddingSizes) {
    super('reflect', 1, padding);
  }
}

/** Mirrors NHWC images at the edge, which is not repeated, (N, H, W, C). */
export class ReflectionPad2d extends BorderPad {
  /** @throws `ENGINE_MODEL_BAD_LAYER_OPTION` */
  constructor(padding: PaddingSizes) {
    super('reflect', 2, padding);
  }
}

/** Mirrors volumes at the edge, which is not repeated, (N, D, H, W, C). */
export class ReflectionPad3d extends BorderPad {
  /** @throws `ENGINE_MODEL_BAD_LAYER_OPTION` */
  constructor(padding: PaddingSizes) {
    super('reflect', 3, padding);
  }
}

/** Repeats the edge of sequences, (N, L, C). */
export class ReplicationPad1d extends BorderPad {
  /** @throws `ENGINE_MODEL_BAD_LAYER_OPTION` */
  constructor(padding: PaddingSizes) {
    super('replicate', 1, padding);
  }
}

/** Repeats the edge of NHWC images, (N, H, W, C). */
export class ReplicationPad2d extends BorderPad {
  /** @throws `ENGINE_MODEL_BAD_LAYER_OPTION` */
  constructor(padding: PaddingSizes) {
    super('replicate', 2, padding);
  }
}

/** Repeats the edge of volumes, (N, D, H, W, C). */
export class ReplicationPad3d extends BorderPad {
  /** @throws `ENGINE_MODEL_BAD_LAYER_OPTION` */
  constructor(padding: PaddingSizes) {
    super('replicate', 3, padding);
  }
}

/** Goes on at the other end of sequences, (N, L, C). */
export class CircularPad1d extends BorderPad {
  /** @throws `ENGINE_MODEL_BAD_LAYER_OPTION` */
  constructor(padding: PaddingSizes) {
    super('circular', 1, padding);
  }
}

/** Goes on at the other end of NHWC images, (N, H, W, C). */
export class CircularPad2d extends BorderPad {
  /** @throws `ENGINE_MODEL_BAD_LAYER_OPTION` */
  constructor(padding: PaddingSizes) {
    super('circular', 2, padding);
  }
}

/** Goes on at the other end of volumes, (N, D, H, W, C). */
export class CircularPad3d extends BorderPad {
  /** @throws `ENGINE_MODEL_BAD_LAYER_OPTION` */
  constructor(padding: PaddingSizes) {
    super('circular', 3, padding);
  }
}
