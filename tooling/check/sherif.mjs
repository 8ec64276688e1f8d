// Workspace hygiene: one version of each dependency, no stray fields.
import { tool, toolingBin } from './harness/tool.mjs';

export const check = () => tool('sherif', ['--fail-on-warnings'], { bin: toolingBin });
