/** Numbers of shape `(height, width, channels)`, C order. */
export interface Grid {
  readonly height: number;
  readonly width: number;
  readonly channels: number;
  readonly data: ArrayLike<number>;
}

/** Bilinear, the corners of the outer pixels kept in place (PyTorch's `align_corners=False`, OpenCV's `INTER_LINEAR`). */
export function resizeBilinear(grid: Grid, height: number, width: number): Grid & { readonly data: Float32Array } {
  const { channels } = grid;
  const data = new Float32Array(height * width * channels);
  const rows = Array.from({ length: height }, (_, y) => neighbours(y, height, grid.height));
  const columns = Array.from({ length: width }, (_, x) => neighbours(x, width, grid.width));
  const at = (y: number, x: number, channel: number) => grid.data[(y * grid.width + x) * channels + channel] ?? 0;
  rows.forEach(([top, bottom, down], y) => {
    columns.forEach(([left, right, across], x) => {
      for (let channel = 0; channel < channels; channel += 1) {
        const above = at(top, left, channel) * (1 - across) + at(top, right, channel) * across;
        const below = at(bottom, left, channel) * (1 - across) + at(bottom, right, channel) * across;
        data[(y * width + x) * channels + channel] = above * (1 - down) + below * down;
      }
    });
  });
  return { height, width, channels, data };
}

/** The two places that place `to` of `size` lies between, and how far it is from the first. */
function neighbours(to: number, size: number, from: number): readonly [first: number, second: number, share: number] {
  const place = Math.max(0, ((to + 0.5) * from) / size - 0.5);
  const first = Math.min(Math.floor(place), from - 1);
  return [first, Math.min(first + 1, from - 1), place - first];
}
