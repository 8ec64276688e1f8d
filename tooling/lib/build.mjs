// JavaScript by turbo (one cached tsup a package), types by one `tsc -b` of the whole repository.
import { join } from 'node:path';
import { insidePnpm } from './install.mjs';
import { capture, root } from './processes.mjs';

const bin = (name) => join(root, 'node_modules/.bin', name);
const shell = process.platform === 'win32';

async function quietly(what, [command, ...args]) {
  const { code, output } = await capture(command, args, { env: await insidePnpm(), shell });
  if (code !== 0) throw Object.assign(new Error(what), { summary: `${output}\n${what} failed`, exitCode: 1 });
}

/** Bundles the packages whose sources changed. */
export async function buildJavaScript() {
  await quietly('the build', [bin('turbo'), 'run', 'build', '--output-logs=errors-only', '--concurrency=100%']);
}

/** Type-checks everything, tests and type tests included, and writes the declarations. */
export async function buildTypes() {
  await quietly('the type check', [bin('tsc'), '-b', '--pretty', 'false']);
}

/** Everything that is stale. */
export async function build() {
  await buildJavaScript();
  await buildTypes();
}
