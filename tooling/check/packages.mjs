// Every published package as its consumer gets it: packed by pnpm, then publint and "are the types wrong" on the tarball,
// and nothing in it that only makes sense in this repository.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pack, publishedPackages } from './harness/packages.mjs';

export const needsBuild = true;

/** ESM only, by design: what a CommonJS `require` or a resolver from before `exports` makes of it is not our concern. */
const ACCEPTED = new Set(['CJSResolvesToESM', 'NoResolution:node10', 'InternalResolutionError:node10']);

export async function problemsOfTarball(tarball) {
  const { publint } = await import('publint');
  const { formatMessage } = await import('publint/utils');
  const attw = await import('@arethetypeswrong/core');
  const found = [];
  const { messages, pkg } = await publint({
    pack: { tarball: tarball.buffer.slice(tarball.byteOffset, tarball.byteOffset + tarball.length) },
    strict: true,
  });
  for (const message of messages.filter(({ type }) => type !== 'suggestion')) {
    found.push(formatMessage(message, pkg, { color: false }));
  }
  const published = attw.createPackageFromTarballData(new Uint8Array(tarball));
  const analysis = await attw.checkPackage(published);
  if (analysis.types === false) found.push('types: none are published');
  for (const { kind, entrypoint, resolutionKind } of analysis.problems ?? []) {
    if (!ACCEPTED.has(kind) && !ACCEPTED.has(`${kind}:${resolutionKind}`))
      found.push(`types: ${kind} ${entrypoint ?? ''} ${resolutionKind ?? ''}`.trimEnd());
  }
  const text = JSON.stringify(pkg);
  for (const private_ of ['@engine/source', 'workspace:', 'catalog:']) {
    if (text.includes(`"${private_}`)) found.push(`${private_} is still in the published package.json`);
  }
  for (const file of published.listFiles()) {
    if (/\.test(-d)?\.(d\.)?[jt]s$|tsbuildinfo$|\/src\//.test(file)) found.push(`${file} is published`);
  }
  for (const file of ['README.md', 'LICENSE', 'package.json']) {
    if (!published.listFiles().some((name) => name.endsWith(`/${pkg.name}/${file}`)))
      found.push(`no ${file} is published`);
  }
  return found;
}

export async function check() {
  const folder = mkdtempSync(join(tmpdir(), 'packed-'));
  try {
    const problems = [];
    for (const { name, path } of publishedPackages()) {
      const found = await pack(path, folder).then(
        (file) => problemsOfTarball(readFileSync(file)),
        (error) => [error.message],
      );
      problems.push(...found.map((problem) => `${name}: ${problem}`));
    }
    return problems;
  } finally {
    rmSync(folder, { recursive: true });
  }
}
