import { type Config, importCustom } from '@engine/config';
import { EngineError, type Platform } from '@engine/core/plain';
import { checkConfig } from '@engine/runner';
import { createRegistry } from '@engine/standard';
import { type CliIo, exitCodes } from './io.js';
import { loadBackend } from './load-backend.js';
import { placeOf } from './place-of.js';
import { cliPlatform } from './platform.js';
import { traceConfig } from './read-config.js';

export interface CheckFlags {
  readonly json: boolean;
  readonly cfgOptions: readonly string[];
}

/** Prints every problem of every file; resolves with the exit code. */
export async function checkConfigs(files: readonly string[], flags: CheckFlags, io: CliIo): Promise<number> {
  const problems: { file: string; error: EngineError }[] = [];
  for (const file of files) {
    const errors = await problemsIn(file, flags.cfgOptions, io);
    problems.push(...errors.map((error) => ({ file, error })));
  }
  if (flags.json) io.stdout.write(`${JSON.stringify(problems.map(plainProblem), null, 2)}\n`);
  else {
    for (const { file, error } of problems) io.stdout.write(`${render(error, file, io.cwd)}\n`);
    io.stdout.write(summary(files.length, problems.length));
  }
  return problems.length === 0 ? exitCodes.done : exitCodes.badInput;
}

async function problemsIn(file: string, cfgOptions: readonly string[], io: CliIo): Promise<EngineError[]> {
  try {
    const config = await traceConfig(file, cfgOptions, io.cwd);
    const registry = createRegistry();
    const platform = cliPlatform(io.cwd);
    const importing = await collect(() =>
      importCustom(config, { registry, importModule: (specifier, from) => platform.import(specifier, from) }),
    );
    await knowBackend(config, { registry, platform, file, cwd: io.cwd });
    const found = checkConfig(config, registry);
    // what could not be imported cannot be found either: one problem, not two
    const isFollowUp = (error: EngineError): boolean => error.code === 'ENGINE_REGISTRY_UNKNOWN_NAME';
    if (importing.length === 0) return found;
    const told = new Set(found.map((error) => error.message));
    return [...importing.filter((error) => !told.has(error.message)), ...found.filter((error) => !isFollowUp(error))];
  } catch (error) {
    if (error instanceof EngineError) return [error];
    throw error;
  }
}

interface Search {
  readonly registry: ReturnType<typeof createRegistry>;
  readonly platform: Platform;
  readonly file: string;
  readonly cwd: string;
}

/** A backend that is installed is known; one that is not is a problem that the check of its name reports. */
async function knowBackend(config: Config, search: Search): Promise<void> {
  const type = config.get('backend.type');
  if (typeof type === 'string') await loadBackend(type, search).catch(() => undefined);
}

async function collect(work: () => Promise<unknown>): Promise<EngineError[]> {
  try {
    await work();
    return [];
  } catch (error) {
    if (error instanceof EngineError) return [error];
    throw error;
  }
}

/** In the order of compilers, place first; the parts of the message below. */
function render(error: EngineError, file: string, cwd: string): string {
  const place = placeOf(error.at ?? { file }, cwd);
  const subject = error.subject === undefined ? '' : `  ${error.subject}`;
  return [
    `${place}  ${error.code}${subject}`,
    `  expected  ${error.expected}`,
    `  received  ${error.received}`,
    `  do        ${error.action}`,
  ].join('\n');
}

function plainProblem({ file, error }: { file: string; error: EngineError }): object {
  const { code, subject, expected, received, action, at } = error;
  return { file: at?.file ?? file, line: at?.line, column: at?.column, code, subject, expected, received, action };
}

function summary(files: number, problems: number): string {
  const checked = files === 1 ? '1 config' : `${files} configs`;
  return `${checked} checked, ${problems === 0 ? 'no problems' : problems === 1 ? '1 problem' : `${problems} problems`}.\n`;
}
