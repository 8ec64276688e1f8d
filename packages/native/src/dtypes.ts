import { nativeErrors } from './errors.js';

/** TF_DataType of what tensors are made of here. */
export const DT = {
  ...{ float32: 1, int32: 3, bool: 10 },
  ...{ int64: 9, bfloat16: 14, float16: 19, uint32: 22, uint64: 23 },
} as const;

export type NativeDType = keyof typeof DT;

export const BYTES_PER_ELEMENT: Readonly<Record<number, number>> = {
  [DT.float32]: 4,
  [DT.int32]: 4,
  [DT.bool]: 1,
  [DT.int64]: 8,
  [DT.bfloat16]: 2,
  [DT.float16]: 2,
  [DT.uint32]: 4,
  [DT.uint64]: 8,
};

const NAMES: Readonly<Record<number, string>> = Object.fromEntries(
  Object.entries(DT).map(([name, code]) => [code, name]),
);

/** `float32` for 1, `dtype 7` for one that has no name here. */
export const dtypeName = (code: number): string => NAMES[code] ?? `dtype ${code}`;

/** TF_DataType of an element type. @throws `ENGINE_NATIVE_DTYPE` */
export function dtypeCode(dtype: string): number {
  const code = (DT as Readonly<Record<string, number>>)[dtype];
  if (code !== undefined) return code;
  throw nativeErrors.DTYPE({
    expected: 'float32, int32 or bool',
    received: `dtype = ${dtype}`,
    action: 'cast it first, or keep it on the host',
  });
}
