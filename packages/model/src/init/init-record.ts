import type { Logger } from '@engine/core';
import type { Module } from '../module.js';
import type { Parameter } from '../parameter.js';

/** Remembers, during one initialisation, by what each parameter was set last. */
export class InitRecord {
  readonly #root: Module;
  readonly #infos = new Map<Parameter, string>();
  readonly #versions = new Map<Parameter, number>();

  constructor(root: Module) {
    this.#root = root;
    for (const parameter of root.parameters()) this.#versions.set(parameter, parameter.version);
  }

  /** Writes `info` down for the parameters of a module whose values have changed since the last note. */
  note(module: Module, info: string): void {
    for (const parameter of module.parameters()) {
      if (this.#versions.get(parameter) === parameter.version) continue;
      this.#versions.set(parameter, parameter.version);
      this.#infos.set(parameter, info);
    }
  }

  /** Tells all of it, unless nothing was noted. */
  tell(logger: Logger | undefined): void {
    if (logger === undefined || this.#infos.size === 0) return;
    const unchanged = `The value is the same before and after calling \`initWeights\` of ${this.#root.constructor.name}`;
    const lines = [...this.#root.namedParameters()].map(
      ([name, parameter]) =>
        `\n${name} - (${parameter.shape.join(', ')}):\n${this.#infos.get(parameter) ?? unchanged}\n`,
    );
    logger.debug(`Name of parameter - Initialization information\n${lines.join('')}`);
  }
}
