export { canonicalSettings } from './canonical-settings.js';
export type { LogSinkFixture } from './describe-log-sink.js';
export { describeLogSink } from './describe-log-sink.js';
