/** Python's `difflib.unified_diff`, printed as MMEngine prints it on a console of 80 columns. */

interface Block {
  readonly a: number;
  readonly b: number;
  readonly size: number;
}

const WIDTH = 80;
const CONTEXT = 3;
/** In long texts, lines that make up more than a hundredth of it do not count as matches by themselves. */
const POPULAR_FROM = 200;

/** What `Config.diff` gives for two texts. */
export function configDiff(left: string, right: string): string {
  const lines = unifiedDiff(left.split('\n'), right.split('\n'));
  return `${lines.map((line) => `${wrapped(line)}\n`).join('')}\n`;
}

function unifiedDiff(a: readonly string[], b: readonly string[]): string[] {
  const lines: string[] = [];
  for (const group of grouped(operations(matchingBlocks(a, b)))) {
    if (lines.length === 0) lines.push('--- \n', '+++ \n');
    const [first, last] = [group[0], group.at(-1)];
    if (first === undefined || last === undefined) continue;
    lines.push(`@@ -${range(first.a1, last.a2)} +${range(first.b1, last.b2)} @@\n`);
    for (const { tag, a1, a2, b1, b2 } of group) {
      if (tag === 'equal') lines.push(...a.slice(a1, a2).map((line) => ` ${line}`));
      else lines.push(...a.slice(a1, a2).map((line) => `-${line}`), ...b.slice(b1, b2).map((line) => `+${line}`));
    }
  }
  return lines;
}

function range(start: number, stop: number): string {
  const length = stop - start;
  if (length === 1) return String(start + 1);
  return `${length === 0 ? start : start + 1},${length}`;
}

function matchingBlocks(a: readonly string[], b: readonly string[]): Block[] {
  const places = new Map<string, number[]>();
  for (const [index, line] of b.entries()) places.set(line, [...(places.get(line) ?? []), index]);
  if (b.length >= POPULAR_FROM) {
    const most = Math.floor(b.length / 100) + 1;
    for (const [line, indices] of places) if (indices.length > most) places.delete(line);
  }
  const blocks: Block[] = [];
  const queue: [number, number, number, number][] = [[0, a.length, 0, b.length]];
  for (let next = queue.pop(); next !== undefined; next = queue.pop()) {
    const [aLow, aHigh, bLow, bHigh] = next;
    const block = longestMatch({ a, b, places }, next);
    if (block.size === 0) continue;
    blocks.push(block);
    if (aLow < block.a && bLow < block.b) queue.push([aLow, block.a, bLow, block.b]);
    const [aEnd, bEnd] = [block.a + block.size, block.b + block.size];
    if (aEnd < aHigh && bEnd < bHigh) queue.push([aEnd, aHigh, bEnd, bHigh]);
  }
  return joined(
    blocks.sort((left, right) => left.a - right.a || left.b - right.b),
    a.length,
    b.length,
  );
}

function joined(blocks: readonly Block[], aLength: number, bLength: number): Block[] {
  const result: Block[] = [];
  for (const block of blocks) {
    const last = result.at(-1);
    if (last !== undefined && last.a + last.size === block.a && last.b + last.size === block.b)
      result[result.length - 1] = { ...last, size: last.size + block.size };
    else result.push(block);
  }
  return [...result, { a: aLength, b: bLength, size: 0 }];
}

interface Texts {
  readonly a: readonly string[];
  readonly b: readonly string[];
  readonly places: ReadonlyMap<string, readonly number[]>;
}

function longestMatch(
  { a, b, places }: Texts,
  [aLow, aHigh, bLow, bHigh]: readonly [number, number, number, number],
): Block {
  let best = { a: aLow, b: bLow, size: 0 };
  let lengths = new Map<number, number>();
  for (let i = aLow; i < aHigh; i++) {
    const next = new Map<number, number>();
    for (const j of places.get(a[i] ?? '') ?? []) {
      if (j < bLow) continue;
      if (j >= bHigh) break;
      const size = (lengths.get(j - 1) ?? 0) + 1;
      next.set(j, size);
      if (size > best.size) best = { a: i - size + 1, b: j - size + 1, size };
    }
    lengths = next;
  }
  let { a: start, b: other, size } = best;
  while (start > aLow && other > bLow && a[start - 1] === b[other - 1])
    [start, other, size] = [start - 1, other - 1, size + 1];
  while (start + size < aHigh && other + size < bHigh && a[start + size] === b[other + size]) size += 1;
  return { a: start, b: other, size };
}

interface Operation {
  readonly tag: 'equal' | 'change';
  readonly a1: number;
  readonly a2: number;
  readonly b1: number;
  readonly b2: number;
}

function operations(blocks: readonly Block[]): Operation[] {
  const result: Operation[] = [];
  let [i, j] = [0, 0];
  for (const { a, b, size } of blocks) {
    if (i < a || j < b) result.push({ tag: 'change', a1: i, a2: a, b1: j, b2: b });
    [i, j] = [a + size, b + size];
    if (size > 0) result.push({ tag: 'equal', a1: a, a2: i, b1: b, b2: j });
  }
  return result;
}

function grouped(all: readonly Operation[]): Operation[][] {
  const codes = [...all];
  const [first, last] = [codes[0], codes.at(-1)];
  if (first?.tag === 'equal') codes[0] = tail(first);
  if (last?.tag === 'equal') codes[codes.length - 1] = headOf(codes.at(-1) ?? last);
  const groups: Operation[][] = [];
  let group: Operation[] = [];
  for (const code of codes) {
    if (code.tag === 'equal' && code.a2 - code.a1 > 2 * CONTEXT) {
      group.push(headOf(code));
      groups.push(group);
      group = [tail(code)];
    } else group.push(code);
  }
  if (group.length > 0) groups.push(group);
  return groups.filter((each) => each.some(({ tag }) => tag !== 'equal'));
}

function tail(code: Operation): Operation {
  return { ...code, a1: Math.max(code.a1, code.a2 - CONTEXT), b1: Math.max(code.b1, code.b2 - CONTEXT) };
}

function headOf(code: Operation): Operation {
  return { ...code, a2: Math.min(code.a2, code.a1 + CONTEXT), b2: Math.min(code.b2, code.b1 + CONTEXT) };
}

/** Breaks a line between words, as the console does. */
function wrapped(line: string): string {
  if (line.length <= WIDTH) return line;
  const lines: string[] = [];
  let current = '';
  for (const [word] of line.matchAll(/\s*\S+\s*/g)) {
    const bare = word.trimEnd();
    if (current.length + bare.length > WIDTH && current !== '') {
      lines.push(current);
      current = '';
    }
    let rest = word;
    while (rest.trimEnd().length > WIDTH) {
      lines.push(rest.slice(0, WIDTH));
      rest = rest.slice(WIDTH);
    }
    current += rest;
  }
  return [...lines, current].map((each) => (each.length > WIDTH ? each.trimEnd() : each)).join('\n');
}
