/** `pip download`, which knows the user's index, proxy and certificates. */
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { nativeErrors } from '../errors.js';
import type { WheelPin } from '../pins.js';

export interface Pip {
  readonly command: string;
  /** What stands before pip's own arguments. */
  readonly args: readonly string[];
}

const CANDIDATES: readonly Pip[] = [
  { command: 'pip', args: [] },
  { command: 'pip3', args: [] },
  { command: 'python3', args: ['-m', 'pip'] },
  { command: 'uvx', args: ['pip'] },
];

interface Ended {
  readonly code: number;
  readonly output: string;
}

function run({ command, args }: Pip, more: readonly string[], env: NodeJS.ProcessEnv): Promise<Ended> {
  return new Promise((resolve) => {
    const child = spawn(command, [...args, ...more], { env, stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    const collect = (text: string): string => (output = (output + text).slice(-20_000));
    child.stdout.setEncoding('utf8').on('data', collect);
    child.stderr.setEncoding('utf8').on('data', collect);
    child.on('error', (error) => resolve({ code: 127, output: error.message }));
    child.on('close', (code) => resolve({ code: code ?? 1, output }));
  });
}

/** The first pip that answers. */
export async function findPip(env: NodeJS.ProcessEnv = process.env): Promise<Pip | undefined> {
  for (const pip of CANDIDATES) if ((await run(pip, ['--version'], env)).code === 0) return pip;
  return undefined;
}

/** What makes pip take exactly one wheel, whatever Python it runs on itself. */
export function downloadArguments({ project, version, file }: WheelPin): string[] {
  const [, , python = '', , platforms = ''] = file.replace(/\.whl$/, '').split('-');
  const digits = /^cp3(\d+)$/.exec(python)?.[1] ?? '11';
  return [
    ...['download', '--no-deps', '--only-binary=:all:', '--implementation', 'cp'],
    ...['--python-version', `3.${digits}`, '--abi', `cp3${digits}`],
    ...platforms.split('.').flatMap((platform) => ['--platform', platform]),
    `${project}==${version}`,
  ];
}

interface Request {
  readonly into: string;
  readonly index?: string | undefined;
  readonly env?: NodeJS.ProcessEnv;
}

/** Fetches a wheel; returns its path. @throws `ENGINE_NATIVE_DOWNLOAD_FAILED` with pip's own words */
export async function pipDownload(
  pip: Pip,
  pin: WheelPin,
  { into, index, env = process.env }: Request,
): Promise<string> {
  const quiet = ['--disable-pip-version-check', '--no-input', '--progress-bar', 'off', '--dest', into];
  const at = index === undefined ? [] : ['--index-url', index];
  const args = [...downloadArguments(pin), ...quiet, ...at];
  const { code, output } = await run(pip, args, env);
  if (code === 0) return join(into, pin.file);
  const said = output.split('\n').filter((line) => /error|warning/i.test(line));
  throw nativeErrors.DOWNLOAD_FAILED({
    subject: pin.file,
    expected: `pip to fetch ${pin.project} ${pin.version}`,
    received: (said.at(-1) ?? output.trim().split('\n').at(-1) ?? `exit status ${code}`).replace(
      /\/\/[^@/\s]*@/g,
      '//***@',
    ),
    action:
      'set the index, proxy or certificates that pip needs, or fetch the wheel elsewhere and give it: --from-wheel FILE',
  });
}
