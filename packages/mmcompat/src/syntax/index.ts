export type * from './ast.js';
export { normalizeNewlines, parsePython } from './parse.js';
export { PythonSource } from './source.js';
export { walk } from './walk.js';
