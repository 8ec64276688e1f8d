/** A place on an image in pixels from its upper left corner: the centre of the first pixel is `[0.5, 0.5]`. */
export type Point = readonly [x: number, y: number];

/** What lies between two corners; a shape is drawn inside only. */
interface Bounds {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

/** Sub-lines of a pixel on which a polygon is measured; along a line it is measured exactly. */
const SUBLINES = 4;

const NOTHING: Bounds = { left: Number.POSITIVE_INFINITY, top: Number.POSITIVE_INFINITY, right: 0, bottom: 0 };

/**
 * How much of each pixel a shape covers, 0 to 1, within the image. Parts of one shape may overlap: a pixel counts the part that covers
 * most of it, so a stroke with alpha has no dark joints.
 */
export class Coverage {
  readonly #width: number;
  readonly #height: number;
  readonly #data: Float32Array;
  #touched = NOTHING;

  constructor(width: number, height: number) {
    this.#width = width;
    this.#height = height;
    this.#data = new Float32Array(width * height);
  }

  /** A line of `width` pixels; a round end reaches half a width past its point, a flat one stops there. */
  segment(
    [ax, ay]: Point,
    [bx, by]: Point,
    {
      width,
      roundStart,
      roundEnd,
    }: { readonly width: number; readonly roundStart: boolean; readonly roundEnd: boolean },
  ): void {
    const length = Math.hypot(bx - ax, by - ay);
    const [ux, uy] = length === 0 ? [1, 0] : [(bx - ax) / length, (by - ay) / length];
    const half = width / 2;
    this.#each(
      around(
        [
          [ax, ay],
          [bx, by],
        ],
        half + 1,
      ),
      (x, y) => {
        const along = (x - ax) * ux + (y - ay) * uy;
        const across = Math.abs((y - ay) * ux - (x - ax) * uy);
        const [before, after] = [-along, along - length];
        const past = Math.max(roundStart ? before : 0, roundEnd ? after : 0, 0);
        const cut = (roundStart ? 1 : clamp(0.5 - before)) * (roundEnd ? 1 : clamp(0.5 - after));
        return cut * clamp(half + 0.5 - Math.hypot(past, across));
      },
    );
  }

  disc([cx, cy]: Point, radius: number): void {
    this.#each(around([[cx, cy]], radius + 1), (x, y) => clamp(radius + 0.5 - Math.hypot(x - cx, y - cy)));
  }

  ring([cx, cy]: Point, radius: number, width: number): void {
    this.#each(around([[cx, cy]], radius + width / 2 + 1), (x, y) =>
      clamp(width / 2 + 0.5 - Math.abs(Math.hypot(x - cx, y - cy) - radius)),
    );
  }

  /** The inside of a closed polygon: what its edges wind around (non-zero rule). */
  polygon(points: readonly Point[]): void {
    const { left, right, top, bottom } = this.#within(around(points, 0));
    if (left >= right) return;
    const row = new Float32Array(right - left);
    for (let y = top; y < bottom; y += 1) {
      row.fill(0);
      for (let sub = 0; sub < SUBLINES; sub += 1)
        for (const [from, to] of spans(points, y + (sub + 0.5) / SUBLINES)) addSpan(row, from - left, to - left);
      for (let x = left; x < right; x += 1) this.#put(x, y, Math.min(1, (row[x - left] ?? 0) / SUBLINES));
    }
  }

  /** A square of whole pixels. */
  square(left: number, top: number, side: number): void {
    this.#each({ left, top, right: left + side, bottom: top + side }, () => 1);
  }

  /** Calls `visit` for each covered pixel with its index and its share, and is empty then: the next shape may use it. */
  drain(visit: (index: number, share: number) => void): void {
    const { left, top, right, bottom } = this.#touched;
    this.#touched = NOTHING;
    for (let y = top; y < bottom; y += 1)
      for (let x = left; x < right; x += 1) {
        const index = y * this.#width + x;
        const share = this.#data[index] ?? 0;
        if (share === 0) continue;
        this.#data[index] = 0;
        visit(index, share);
      }
  }

  #each(bounds: Bounds, shareAt: (x: number, y: number) => number): void {
    const { left, right, top, bottom } = this.#within(bounds);
    for (let y = top; y < bottom; y += 1)
      for (let x = left; x < right; x += 1) this.#put(x, y, shareAt(x + 0.5, y + 0.5));
  }

  #put(x: number, y: number, share: number): void {
    const index = y * this.#width + x;
    if (share > (this.#data[index] ?? 0)) this.#data[index] = share;
  }

  #within(bounds: Bounds): Bounds {
    const inside = {
      left: Math.max(0, Math.floor(bounds.left)),
      top: Math.max(0, Math.floor(bounds.top)),
      right: Math.min(this.#width, Math.ceil(bounds.right)),
      bottom: Math.min(this.#height, Math.ceil(bounds.bottom)),
    };
    this.#touched = {
      left: Math.min(this.#touched.left, inside.left),
      top: Math.min(this.#touched.top, inside.top),
      right: Math.max(this.#touched.right, inside.right),
      bottom: Math.max(this.#touched.bottom, inside.bottom),
    };
    return inside;
  }
}

const clamp = (share: number): number => Math.min(1, Math.max(0, share));

function around(points: readonly Point[], margin: number): Bounds {
  let [left, top, right, bottom] = [Infinity, Infinity, -Infinity, -Infinity];
  for (const [x, y] of points) {
    left = Math.min(left, x - margin);
    top = Math.min(top, y - margin);
    right = Math.max(right, x + margin);
    bottom = Math.max(bottom, y + margin);
  }
  return { left, top, right, bottom };
}

/** Where the line at height `y` runs inside the polygon. */
function spans(points: readonly Point[], y: number): (readonly [from: number, to: number])[] {
  const crossings: { x: number; turn: number }[] = [];
  points.forEach(([ax, ay], index) => {
    const [bx, by] = points[(index + 1) % points.length] ?? [ax, ay];
    if (ay <= y === by <= y) return;
    crossings.push({ x: ax + ((y - ay) / (by - ay)) * (bx - ax), turn: by > ay ? 1 : -1 });
  });
  crossings.sort((a, b) => a.x - b.x);
  const found: (readonly [number, number])[] = [];
  let winding = 0;
  let from = 0;
  for (const { x, turn } of crossings) {
    if (winding === 0) from = x;
    winding += turn;
    if (winding === 0) found.push([from, x]);
  }
  return found;
}

/** Adds to each element of `row` how much of it lies between the ends. */
function addSpan(row: Float32Array, from: number, to: number): void {
  const start = Math.max(0, from);
  const end = Math.min(row.length, to);
  for (let x = Math.floor(start); x < end; x += 1) row[x] = (row[x] ?? 0) + Math.min(end, x + 1) - Math.max(start, x);
}
