import type { Spanned } from '../syntax/index.js';

/** Thrown inside the translator where Python has no counterpart that is certain to mean the same; the value takes its place. */
export class Untranslatable extends Error {
  constructor(
    readonly node: Spanned,
    readonly construct: string,
  ) {
    super(construct);
  }
}
