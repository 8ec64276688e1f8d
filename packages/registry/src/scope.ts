/** A name as configs write it, taken apart at its first dot: `mmdet.RandomFlip`. */
export interface ScopedName {
  /** Undefined for a plain name. */
  readonly scope: string | undefined;
  /** What follows the first dot; it may have a scope of its own. */
  readonly name: string;
}

/** `a.b.Net` → scope `a`, name `b.Net`; a plain name has no scope. */
export function splitScope(name: string): ScopedName {
  const dot = name.indexOf('.');
  return dot < 0 ? { scope: undefined, name } : { scope: name.slice(0, dot), name: name.slice(dot + 1) };
}
