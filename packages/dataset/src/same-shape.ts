/** Whether `a`, without its first `skipped` extents, is `b`. */
export function sameShape(a: readonly number[], b: readonly number[], skipped = 0): boolean {
  if (a.length !== b.length + skipped) return false;
  for (let axis = 0; axis < b.length; axis++) if (a[axis + skipped] !== b[axis]) return false;
  return true;
}
