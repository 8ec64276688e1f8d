export type { LayersModelLoss, LayersModelOptions } from './layers-model.js';
export { LayersModelAdapter } from './layers-model.js';
