#!/usr/bin/env node
import { existsSync } from 'node:fs';
import module from 'node:module';

// from Node 22 on, compiled code is kept between runs
module.enableCompileCache?.();

const main = new URL('../dist/main.js', import.meta.url);

if (existsSync(main)) {
  await import(main.href);
} else {
  console.error('engine is not built yet: run `npm run build` in the root of the repository, then try again.');
  process.exitCode = 1;
}
