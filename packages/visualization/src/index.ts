export type * from './contract.js';
export { defineVisBackend } from './define.js';
export type { VisBackendArgs, VisualizerArgs } from './define.js';
export { LocalVisBackend } from './local-vis-backend.js';
export type { LocalVisBackendOptions } from './local-vis-backend.js';
export { Visualizer } from './visualizer.js';
export type { VisualizerOptions, VisualizerParts } from './visualizer.js';
export { visualizationErrors } from './errors.js';
