import { describeBackend } from '@engine/core/testing';
import { expect, it } from 'vitest';
import { cpu } from './cpu.js';

it('is ENGINE_CORE_BACKEND_NOT_READY before init', () => {
  expect(() => cpu().capabilities).toThrow('ENGINE_CORE_BACKEND_NOT_READY');
  expect(() => cpu().memory()).toThrow('do        await');
});

describeBackend('cpu', cpu);
