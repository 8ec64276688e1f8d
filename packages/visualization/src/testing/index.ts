export { canonicalSettings } from './canonical-settings.js';
export type { VisBackendFixture } from './describe-vis-backend.js';
export { describeVisBackend } from './describe-vis-backend.js';
