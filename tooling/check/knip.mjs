// Unused files, exports and dependencies.
import { tool, toolingBin } from './harness/tool.mjs';

export const check = () =>
  tool('knip', ['--no-progress', '--no-config-hints', '--config', 'tooling/knip.json'], { bin: toolingBin });
