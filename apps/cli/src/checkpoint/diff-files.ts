import { resolve } from 'node:path';
import type { HostArray } from '@engine/core/plain';
import { LocalStorage } from '@engine/fileio';
import { readTensors } from './torch-file.js';

/** How a tensor of two files differs. */
export type TensorDifference =
  | { readonly name: string; readonly kind: 'removed' | 'added'; readonly tensor: string }
  | { readonly name: string; readonly kind: 'shape' | 'dtype'; readonly before: string; readonly after: string }
  | {
      readonly name: string;
      readonly kind: 'value';
      readonly count: number;
      readonly of: number;
      readonly max: number;
    };

export interface DiffFilesOptions {
  /** Values that differ by no more count as equal. Two that are not numbers are equal. */
  readonly tolerance: number;
  /** Beginning of the names, before the first `/`. Default: all. */
  readonly part?: string | undefined;
  readonly cwd: string;
}

/** Differences in the order of the first file, then what only the second has. */
export async function diffFiles(
  [before, after]: readonly [string, string],
  { tolerance, part, cwd }: DiffFilesOptions,
): Promise<TensorDifference[]> {
  const load = async (file: string) => {
    const tensors = await readTensors(new LocalStorage(), resolve(cwd, file));
    return new Map([...tensors].filter(([name]) => part === undefined || name.startsWith(`${part}/`)));
  };
  const [old, young] = [await load(before), await load(after)];
  const common = [...old].flatMap(([name, tensor]): TensorDifference[] => {
    const other = young.get(name);
    if (other === undefined) return [{ name, kind: 'removed', tensor: describe(tensor) }];
    const difference = differenceOf(tensor, other, tolerance);
    return difference === undefined ? [] : [{ name, ...difference }];
  });
  const added = [...young].filter(([name]) => !old.has(name));
  return [...common, ...added.map(([name, tensor]) => ({ name, kind: 'added', tensor: describe(tensor) }) as const)];
}

/** One line. */
export function renderDifference(difference: TensorDifference): string {
  const { name } = difference;
  switch (difference.kind) {
    case 'removed':
      return `- ${name}  ${difference.tensor}\n`;
    case 'added':
      return `+ ${name}  ${difference.tensor}\n`;
    case 'value':
      return `~ ${name}  ${difference.count} of ${difference.of} values differ, by ${difference.max} at most\n`;
    case 'shape':
    case 'dtype':
      return `! ${name}  ${difference.before} became ${difference.after}\n`;
  }
}

type Difference<D = TensorDifference> = D extends TensorDifference ? Omit<D, 'name'> : never;

function differenceOf(a: HostArray, b: HostArray, tolerance: number): Difference | undefined {
  const [before, after] = [describe(a), describe(b)];
  if (a.shape.join() !== b.shape.join()) return { kind: 'shape', before, after };
  if (a.dtype !== b.dtype) return { kind: 'dtype', before, after };
  let [count, max] = [0, 0];
  for (let at = 0; at < a.data.length; at += 1) {
    const [x, y] = [Number(a.data[at]), Number(b.data[at])];
    const gap = Object.is(x, y) || x === y ? 0 : Math.abs(x - y);
    if (gap <= tolerance) continue;
    count += 1;
    max = Math.max(max, Number.isNaN(gap) ? Number.POSITIVE_INFINITY : gap);
  }
  return count === 0 ? undefined : { kind: 'value', count, of: a.data.length, max };
}

const describe = ({ dtype, shape }: HostArray): string => `${dtype} (${shape.join(', ')})`;
