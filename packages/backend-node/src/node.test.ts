import { cpu } from '@engine/backend-cpu';
import { describeBackend } from '@engine/core/testing';
import { findLibrary } from '@engine/native';
import { describe } from 'vitest';
import { node } from './node.js';

const library = findLibrary('node');
const skipped = library === undefined ? ' (no TensorFlow library here: engine backend install node)' : '';

describe.skipIf(library === undefined)(`TensorFlow${skipped}`, () => {
  describeBackend('node', node, { reference: cpu });
});
