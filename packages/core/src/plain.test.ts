import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import * as core from './index.js';
import * as plain from './plain.js';

const here = fileURLToPath(new URL('.', import.meta.url));

/** Files of TensorFlow.js that a fresh process has loaded after importing a specifier. */
function loadedTensorFlow(specifier: string): string[] {
  const script = `
    import { register } from 'node:module';
    const seen = [];
    const { port1, port2 } = new MessageChannel();
    port1.on('message', (url) => seen.push(url));
    port1.unref();
    register('data:text/javascript,' + encodeURIComponent(\`
      let port;
      export const initialize = (data) => { port = data; };
      export const load = (url, context, next) => { port.postMessage(url); return next(url, context); };
    \`), { data: port2, transferList: [port2] });
    await import(${JSON.stringify(specifier)});
    await new Promise((resolve) => setTimeout(resolve, 20));
    process.stdout.write(JSON.stringify(seen.filter((url) => url.includes('tfjs-core'))));
  `;
  const output = execFileSync(process.execPath, ['--input-type=module', '-e', script], { cwd: here, encoding: 'utf8' });
  return JSON.parse(output) as string[];
}

describe('the part without tensors', () => {
  it('holds the same things as the whole', () => {
    expect({ ...core }).toMatchObject({ ...plain });
  });

  it('does not load TensorFlow.js, as the whole does', () => {
    expect(loadedTensorFlow('@engine/core/plain')).toEqual([]);
    expect(loadedTensorFlow('@engine/core')).not.toEqual([]);
  });
});
