/** The engine in a real browser tab: bundled as a user would, the built packages, the `.wasm` files served beside the page. */
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { beforeAll, describe, expect, it } from 'vitest';
import { type Trained, train } from './training.js';

const HERE = dirname(fileURLToPath(import.meta.url));
const WASM = createRequire(fileURLToPath(import.meta.resolve('@engine/backend-wasm'))).resolve(
  '@tensorflow/tfjs-backend-wasm/package.json',
);
const ISOLATED = { 'Cross-Origin-Opener-Policy': 'same-origin', 'Cross-Origin-Embedder-Policy': 'require-corp' };

/** `CHROME_BIN`, or what is on the path; these tests are skipped where there is none. */
const browser = [
  process.env['CHROME_BIN'],
  ...(process.env['PATH'] ?? '')
    .split(delimiter)
    .flatMap((folder) => ['chromium', 'google-chrome', 'chrome'].map((name) => join(folder, name))),
].find((file) => file !== undefined && existsSync(file));

/** Milliseconds that a page may take. */
const PATIENCE = 100_000;

let bundle = '';
let complaints: string[] = [];

/** `Promise.withResolvers`, which Node 20 lacks. */
function withResolvers<T>(): {
  readonly promise: Promise<T>;
  resolve(value: T): void;
  reject(error: Error): void;
} {
  let settle: { resolve(value: T): void; reject(error: Error): void } | undefined;
  const promise = new Promise<T>((resolve, reject) => (settle = { resolve, reject }));
  return { promise, resolve: (value) => settle?.resolve(value), reject: (error) => settle?.reject(error) };
}

/** Ends a browser with its helpers, which on POSIX are its process group. */
function end(pid: number): void {
  try {
    process.kill(process.platform === 'win32' ? pid : -pid, 'SIGKILL');
  } catch {
    // it has ended by itself
  }
}

/** Opens a page that evaluates `expression`, with `train` at hand; resolves with its value. */
async function inPage<T>(expression: string, headers: Record<string, string> = {}): Promise<T> {
  const profile = mkdtempSync(join(tmpdir(), 'engine-browser-'));
  let child: ChildProcess | undefined;
  const { promise: answer, resolve: finish, reject } = withResolvers<string>();
  const timer = setTimeout(() => reject(new Error(`the page did not answer: ${expression}`)), PATIENCE);
  const script = `import { train } from '/bundle.js';
    const answer = await (async () => (${expression}))().catch((e) => ({ error: e.code ?? String(e) }));
    await fetch('/answer', { method: 'POST', body: JSON.stringify(answer) });`;
  const files: Record<string, () => [type: string, body: string | Uint8Array]> = {
    '/': () => ['text/html', `<!doctype html><script type="module">${script}</script>`],
    '/bundle.js': () => ['text/javascript', bundle],
  };
  const server = createServer((request, response) => {
    const url = request.url ?? '/';
    if (request.method === 'POST') {
      let body = '';
      request.on('data', (chunk: Uint8Array) => (body += new TextDecoder().decode(chunk)));
      request.on('end', () => finish(body));
      response.end();
      return;
    }
    const wasmFile = join(dirname(WASM), 'wasm-out', url.slice('/wasm/'.length));
    const file = url.startsWith('/wasm/')
      ? (): [string, Uint8Array] => ['application/wasm', readFileSync(wasmFile)]
      : files[url];
    const [type, body] = file?.() ?? ['text/plain', ''];
    response.writeHead(file === undefined ? 404 : 200, { 'Content-Type': type, ...headers }).end(body);
  });
  try {
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    const flags = ['--headless=new', '--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage', '--no-first-run'];
    child = spawn(browser as string, [...flags, `--user-data-dir=${profile}`, `http://127.0.0.1:${port}/`], {
      stdio: 'ignore',
      detached: process.platform !== 'win32',
    });
    child.once('error', reject);
    return JSON.parse(await answer) as T;
  } finally {
    clearTimeout(timer);
    const pid = child?.pid;
    if (pid !== undefined) {
      const ended = new Promise((resolve) => child?.once('close', resolve));
      end(pid);
      await ended;
    }
    server.closeAllConnections();
    server.close();
    await rm(profile, { recursive: true, force: true, maxRetries: 10, retryDelay: 50 }).catch(() => {}); // its helpers may still write
  }
}

describe.skipIf(browser === undefined)('in a browser', () => {
  beforeAll(async () => {
    const entry = { contents: "export { train } from './training.ts';", resolveDir: HERE };
    const { outputFiles, warnings } = await build({
      stdin: entry,
      bundle: true,
      format: 'esm',
      platform: 'browser',
      target: 'es2022',
      write: false,
      logLevel: 'silent',
    });
    bundle = outputFiles[0]?.text ?? '';
    complaints = warnings.map(({ text }) => text);
  });

  it('bundles without anything of Node', () => {
    expect(complaints).toEqual([]);
    expect(bundle).not.toMatch(/from ?"node:/);
  });

  it('trains bit for bit as in Node, again after dispose, and with threads', async () => {
    const expected = await train({ threads: 1 });
    expect(expected.losses.at(-1)).toBeLessThan((expected.losses[0] as number) * 0.8);
    const runs = await inPage<Trained[]>(
      `[await train({ threads: 1, path: '/wasm/' }), await train({ threads: 2, path: '/wasm/' }), await train({ threads: 1, path: '/wasm/' })]`,
      ISOLATED,
    );
    for (const { losses, features, growth } of runs) {
      expect(losses).toEqual(expected.losses);
      expect(features).toEqual(['simd']);
      expect(new Set(growth)).toEqual(new Set([0]));
    }
    expect(runs.map(({ threads }) => threads)).toEqual([1, expect.any(Number), 1]);
  });

  it('trains with one thread in a page that may have no others, and says so to those who ask for them', async () => {
    const { losses, threads } = await inPage<Trained>(`await train({ path: '/wasm/' })`);
    expect(threads).toBe(1);
    expect(losses).toHaveLength(20);
    expect(await inPage(`await train({ threads: 2, path: '/wasm/' })`)).toEqual({
      error: 'ENGINE_CORE_BACKEND_UNSUPPORTED',
    });
  });
});
