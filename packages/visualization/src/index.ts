export type * from './contract.js';
export type { VisBackendArgs, VisualizerArgs } from './define.js';
export { defineVisBackend } from './define.js';
export { visualizationErrors } from './errors.js';
export type { LocalVisBackendOptions } from './local-vis-backend.js';
export { LocalVisBackend } from './local-vis-backend.js';
export type { VisualizerOptions, VisualizerParts } from './visualizer.js';
export { Visualizer } from './visualizer.js';
