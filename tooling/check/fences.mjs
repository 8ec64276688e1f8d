// Every TypeScript fence of the READMEs and of docs/ compiles, as a reader would try it: with all packages installed.
import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { capture } from '../lib/processes.mjs';
import { readText, workspacePackages } from './harness/packages.mjs';

/** Fences that need not compile, in the whole repository. */
const MOST_UNCHECKED = 3;

/** The TypeScript fences of a page: `{ line, info, code }`, line being that of the first line of code. */
export function fencesOf(text) {
  const fences = [];
  let open;
  for (const [index, line] of text.split(/\r?\n/).entries()) {
    const mark = /^\s*```(\S*) *(.*)$/.exec(line);
    if (mark === null) open?.lines.push(line);
    else if (open === undefined) open = { language: mark[1], info: mark[2], line: index + 2, lines: [] };
    else {
      const { language, info, line: first, lines } = open;
      if (/^(ts|typescript|tsx)$/.test(language)) fences.push({ line: first, info, code: lines.join('\n') });
      open = undefined;
    }
  }
  return fences;
}

/**
 * The modules that a page is made of: `{ name, code, lines }`, lines being the page's line of each line of code. A fence
 * whose first line is `// NAME.ts` is that module or a further part of it; every other fence is a module of its own.
 */
export function modulesOf(fences) {
  const modules = new Map();
  for (const { line, code } of fences) {
    const name = /^\/\/ ([\w-]+(?:\.[\w-]+)*)\.ts\b/.exec(code)?.[1] ?? `line-${line}`;
    const part = code.split('\n');
    const { lines } = modules.get(name) ?? modules.set(name, { code: [], lines: [] }).get(name);
    modules.get(name).code.push(...part);
    lines.push(...part.map((_, index) => line + index));
  }
  return [...modules].map(([name, { code, lines }]) => ({ name: `${name}.ts`, code: code.join('\n'), lines }));
}

/** What `tsc` said about the modules, as places in their pages; anything else as it is. `pages`: folder → `{ page, modules }`. */
export function problemsIn(output, pages) {
  return output
    .split('\n')
    .filter((line) => line.trim() !== '' && !line.startsWith(' '))
    .map((line) => {
      const [, folder, name, row, column, message] = /([^/\\]+)[/\\]([^/\\]+)\((\d+),(\d+)\): (.*)$/.exec(line) ?? [];
      const found = pages.get(folder);
      const lines = found?.modules.find((module) => module.name === name)?.lines;
      return lines === undefined ? line : `${found.page}:${lines[row - 1]}:${column} ${message}`;
    });
}

/** Import specifier → source file, for every package and every path it exports. */
function sources() {
  const paths = {};
  for (const { name, path, manifest } of workspacePackages()) {
    for (const [subpath, target] of Object.entries(manifest.exports ?? {})) {
      const source = target['@engine/source'];
      if (source !== undefined) paths[join(name, subpath).replaceAll('\\', '/')] = [join(path, source)];
    }
  }
  return paths;
}

function pageNames(root) {
  const readmes = ['packages', 'apps'].flatMap((parent) =>
    readdirSync(join(root, parent)).map((name) => `${parent}/${name}/README.md`),
  );
  const docs = readdirSync(join(root, 'docs')).filter((name) => name.endsWith('.md'));
  return ['README.md', ...readmes, ...docs.map((name) => `docs/${name}`)];
}

/** The pages of the repository as `folder → { page, modules }`, and how many of their fences are not to be checked. */
function readPages(root) {
  const pages = new Map();
  let unchecked = 0;
  for (const page of pageNames(root)) {
    const fences = fencesOf(readText(join(root, page)) ?? '');
    const wanted = fences.filter(({ info }) => info !== 'no-check');
    unchecked += fences.length - wanted.length;
    pages.set(page.replaceAll(/[/.]/g, '-'), { page, modules: modulesOf(wanted) });
  }
  return { pages, unchecked };
}

/** As a new project would compile them, and no stricter than one; unused names are what examples are made of. */
const readersOptions = {
  composite: false,
  declaration: false,
  emitDeclarationOnly: false,
  noEmit: true,
  noImplicitOverride: false,
  noUnusedLocals: false,
  noUnusedParameters: false,
  allowImportingTsExtensions: true,
};

function writeProject(root, folder, pages) {
  rmSync(folder, { recursive: true, force: true });
  for (const [name, { modules }] of pages) {
    mkdirSync(join(folder, name), { recursive: true });
    for (const module of modules) writeFileSync(join(folder, name, module.name), module.code);
  }
  const compilerOptions = { ...readersOptions, paths: sources() };
  const config = { extends: join(root, 'tsconfig.base.json'), compilerOptions, include: ['*/*.ts'] };
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(config));
}

export async function check({ root }) {
  const folder = join(root, 'tooling/dist/fences'); // inside the workspace, where zod, vitest and TensorFlow.js are found
  const { pages, unchecked } = readPages(root);
  writeProject(root, folder, pages);
  const compiler = join(root, 'node_modules/.bin/tsc');
  const { output } = await capture(compiler, ['-p', folder, '--pretty', 'false'], {
    shell: process.platform === 'win32',
  });
  const isEmpty = [...pages.values()].every(({ modules }) => modules.length === 0);
  return [
    ...(isEmpty ? ['no page has a TypeScript fence: the check looks in the wrong place'] : []),
    ...(unchecked > MOST_UNCHECKED ? [`${unchecked} fences say no-check; ${MOST_UNCHECKED} may`] : []),
    ...problemsIn(output, pages),
  ];
}
