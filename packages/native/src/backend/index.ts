export type { NativeBackendOptions } from './native-backend.js';
export { nativeBackend } from './native-backend.js';
