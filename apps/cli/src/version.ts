import { createRequire } from 'node:module';

const manifest = createRequire(import.meta.url)('../package.json') as { readonly version: string };

/** The version of the engine, the same for all its packages. */
export const engineVersion = manifest.version;
