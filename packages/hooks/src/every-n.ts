/** Whether an action that is due every n-th time from `start` on is due at the 0-based `index`: at `start`, `start + n`, ... of the finished; never for n <= 0. */
export function everyN(index: number, n: number, start = 0): boolean {
  const done = index + 1 - start;
  return n > 0 && done >= 0 && done % n === 0;
}
