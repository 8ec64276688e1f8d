export { canonicalSettings } from './canonical-settings.js';
export type { SchedulerUnderTest } from './describe-scheduler.js';
export { describeScheduler } from './describe-scheduler.js';
