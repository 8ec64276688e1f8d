import { packageConfig } from '../../tooling/tsup.mjs';

/** The loader for Node is a file of its own, so that `browser` in package.json can leave it out of a page. */
export default packageConfig({ entry: { index: 'src/index.ts', 'load-node': 'src/load-node.ts' } });
