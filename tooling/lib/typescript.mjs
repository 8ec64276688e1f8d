// `node --import ./tooling/lib/typescript.mjs file.ts`: TypeScript sources as they are, on every Node that we support
// (Node 20 cannot strip types). Add `--conditions=@engine/source` to load the packages' sources instead of their `dist`.
import { register } from 'node:module';

register('./typescript-hooks.mjs', import.meta.url);
