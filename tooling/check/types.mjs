// One `tsc -b` of everything: sources, tests and type tests.
import { tool } from './harness/tool.mjs';

export const check = () => tool('tsc', ['-b', '--pretty', 'false']);
