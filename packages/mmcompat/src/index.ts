export { mmcompatErrors } from './errors.js';
