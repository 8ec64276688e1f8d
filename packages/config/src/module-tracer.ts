import type { Node } from './tree.js';

/** Finds where the values of TypeScript and JavaScript configs are written; `moduleTracer` of `@engine/config/node` is one. */
export interface ModuleTracer {
  /** The tree of what a module exports, with a place for every value: also for those that came from modules that it imports. */
  trace(file: string, value: unknown): Promise<Node>;
}
