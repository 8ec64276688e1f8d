// Biome's format and import order; `--update` formats.
import { tool } from './harness/tool.mjs';

export const check = ({ update }) =>
  tool('biome', ['check', '--max-diagnostics=20', ...(update ? ['--write'] : []), '.']);
