export { describeScheduler } from './describe-scheduler.js';
export type { SchedulerUnderTest } from './describe-scheduler.js';
export { canonicalSettings } from './canonical-settings.js';
