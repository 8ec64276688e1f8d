// oxlint with type-aware rules; the house style's numbers (500 lines a file, 80 a function, 3 parameters) are in .oxlintrc.json.
import { tool } from './harness/tool.mjs';

export const check = () => tool('oxlint', ['--type-aware', '--deny-warnings']);
