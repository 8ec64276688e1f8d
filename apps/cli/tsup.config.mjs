import { readdirSync } from 'node:fs';
import { packageConfig } from '../../tooling/tsup.mjs';

/** Every file in src/commands and in the folders there is a command, found at run time by listing dist/commands. */
const commands = readdirSync(new URL('./src/commands/', import.meta.url), { recursive: true })
  .map((name) => name.replaceAll('\\', '/'))
  .filter((name) => name.endsWith('.ts') && !name.endsWith('.test.ts'))
  .map((name) => [`commands/${name.slice(0, -3)}`, `src/commands/${name}`]);

export default packageConfig({
  entry: { main: 'src/main.ts', index: 'src/index.ts', ...Object.fromEntries(commands) },
  platform: 'node',
});
