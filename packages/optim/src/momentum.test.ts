import { cpu } from '@engine/backend-cpu';
import { beforeAll, describe, expect, it } from 'vitest';
import { LARS, SGD } from './index.js';
import { disposeParameters, testParameter } from './testing/index.js';

beforeAll(() => cpu().init());

describe('nesterov momentum', () => {
  it.each([
    ['without momentum', { nesterov: true }],
    ['with dampening', { nesterov: true, momentum: 0.9, dampening: 0.1 }],
  ])('is refused %s', (_name, options) => {
    const parameter = testParameter('w', [1, 2]);
    const refused = expect.objectContaining({ code: 'ENGINE_OPTIM_NESTEROV' });
    for (const Optimizer of [SGD, LARS])
      expect(() => new Optimizer([parameter], { lr: 0.1, ...options })).toThrow(refused);
    disposeParameters([parameter]);
  });
});
