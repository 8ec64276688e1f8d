import { describeBackend } from '@engine/core/testing';
import { cpu } from './cpu.js';

describeBackend('cpu', cpu);
