export type { PythonValue, TorchTensor } from './python-values.js';
export { PythonGlobal, PythonObject } from './python-values.js';
export { loadTorch, readTorch } from './read-torch.js';
export { looksLikeTorch } from './signature.js';
export type { TorchWeights } from './weights.js';
export { torchWeights } from './weights.js';
