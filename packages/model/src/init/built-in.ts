import { Registry } from '@engine/registry';
import { Caffe2XavierInit } from './caffe2-xavier-init.js';
import { ConstantInit } from './constant-init.js';
import type { WeightInitializer } from './contract.js';
import { KaimingInit } from './kaiming-init.js';
import { NormalInit } from './normal-init.js';
import { PretrainedInit } from './pretrained-init.js';
import { TruncNormalInit } from './trunc-normal-init.js';
import { UniformInit } from './uniform-init.js';
import { XavierInit } from './xavier-init.js';

const classes = {
  Caffe2XavierInit,
  ConstantInit,
  KaimingInit,
  NormalInit,
  PretrainedInit,
  TruncNormalInit,
  UniformInit,
  XavierInit,
};

/** Builds an initialiser where no registry was given: names are those of this package. @throws `ENGINE_REGISTRY_*` */
export function builtInInitializer(config: unknown, path: string): WeightInitializer {
  const registry = new Registry();
  registry.registerExports(classes);
  return registry.build('weightInitializer', config, { path });
}
