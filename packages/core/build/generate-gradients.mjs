// Bundles TensorFlow.js's standard gradients into one module without side effects: src/generated/standard-gradients.js.
// Ops come from the public `@tensorflow/tfjs-core`, so that one copy of its engine and tensors exists; only what that does not export is bundled.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const PUBLIC = '@tensorflow/tfjs-core';
const require = createRequire(import.meta.url);
const publicExports = require(PUBLIC);
const version = require(`${PUBLIC}/package.json`).version;
const dist = join(dirname(require.resolve(`${PUBLIC}/package.json`)), 'dist');
const output = join(dirname(fileURLToPath(import.meta.url)), '../src/generated');

/** Internal module → the public namespace that carries its functions. */
const NAMESPACES = {
  util: 'util',
  'ops/axis_util': 'backend_util',
  'ops/broadcast_util': 'broadcast_util',
  'ops/conv_util': 'backend_util',
  'ops/selu_util': 'backend_util',
  'ops/slice_util': 'slice_util',
};

/** Internal module → what stands in for it. Gradients only ever see tensors, so nothing is left to convert. */
const STAND_INS = {
  engine: `import { engine } from '${PUBLIC}'; export const ENGINE = { runKernel: (...args) => engine().runKernel(...args) };`,
  tensor_util_env: 'export const convertToTensor = (x) => x;',
};

function exportedNames(source) {
  const declared = [...source.matchAll(/^export (?:const|let|function|class) (\w+)/gm)].map(([, name]) => name);
  const listed = [...source.matchAll(/^export \{([^}]*)\}/gm)].flatMap(([, list]) =>
    list.split(',').map((part) =>
      part
        .trim()
        .split(/\s+as\s+/)
        .at(-1),
    ),
  );
  return [...declared, ...listed].filter(Boolean);
}

function substitute(name, source) {
  if (name in STAND_INS) return STAND_INS[name];
  if (name in NAMESPACES) {
    const space = NAMESPACES[name];
    const members = Object.keys(publicExports[space]).filter((member) => member !== 'default');
    return `import { ${space} as space } from '${PUBLIC}'; export const { ${members.join(', ')} } = space;`;
  }
  const names = exportedNames(source);
  if (names.length > 0 && names.every((member) => member in publicExports))
    return `export { ${names.join(', ')} } from '${PUBLIC}';`;
  if (!/^(gradients\/|ops\/\w+(_grad|_backprop\w*)$)/.test(name))
    throw new Error(`tfjs-core's internal module ${name} would be bundled: give it a stand-in`);
  return source;
}

const usePublicExports = {
  name: 'use-public-exports',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^\./ }, ({ path, resolveDir }) => ({
      path: `${resolve(resolveDir, path)}.js`,
      sideEffects: false,
    }));
    onLoad({ filter: /\.js$/ }, ({ path }) => {
      const name = relative(dist, path).replaceAll('\\', '/').replace(/\.js$/, '');
      return { contents: substitute(name, readFileSync(path, 'utf8')), loader: 'js' };
    });
  },
};

const registration = readFileSync(join(dist, 'register_all_gradients.js'), 'utf8');
const configs = [...registration.matchAll(/^import \{ (\w+) \} from '(\.\/gradients\/\w+)'/gm)].map(
  ([, name, path]) => ({ name, path }),
);
if (configs.length < 90)
  throw new Error(`found ${configs.length} gradients in tfjs-core ${version}, expected at least 90`);

const entry = [
  ...configs.map(({ name, path }) => `import { ${name} } from '${path}';`),
  `export const standardGradients = [${configs.map(({ name }) => name).join(', ')}];`,
].join('\n');
const bundle = await build({
  stdin: { contents: entry, resolveDir: dist },
  bundle: true,
  format: 'esm',
  platform: 'neutral',
  external: [PUBLIC],
  plugins: [usePublicExports],
  legalComments: 'none',
  minifySyntax: true,
  minifyWhitespace: true,
  write: false,
});

const notice = `/*! Gradients of TensorFlow.js ${version}: Copyright Google LLC, Apache License 2.0 (see NOTICE). Generated, do not edit. */\n`;
mkdirSync(output, { recursive: true });
writeFileSync(join(output, 'standard-gradients.js'), notice + bundle.outputFiles[0].text);
writeFileSync(
  join(output, 'standard-gradients.d.ts'),
  `import type { GradConfig } from '${PUBLIC}';\n\n/** The gradients that TensorFlow.js ${version} registers in its union package. */\nexport declare const standardGradients: readonly GradConfig[];\n`,
);
