export { default } from '../../tooling/tsup.mjs';
