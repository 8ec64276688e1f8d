import type { InitCfg } from './init/contract.js';
import { Module } from './module.js';

export interface BaseModuleOptions {
  /** How the weights below start where they do not start as PyTorch's; default: they do. */
  readonly initCfg?: InitCfg | undefined;
}

/** A module that takes `initCfg` when it is made. Any module can be given one later: `module.initCfg = { type: 'Kaiming', layer: 'Conv2d' }`. */
export abstract class BaseModule extends Module {
  constructor({ initCfg }: BaseModuleOptions = {}) {
    super();
    if (initCfg !== undefined) this.initCfg = initCfg;
  }
}
