import { homedir } from 'node:os';
import { join } from 'node:path';

type Env = Readonly<Record<string, string | undefined>>;

/**
 * Where this user's downloads are kept: `$ENGINE_CACHE`, else `$XDG_CACHE_HOME/engine`, else `~/.cache/engine`
 * (`%LOCALAPPDATA%\engine\Cache` on Windows). It may be emptied at any time.
 */
export function cacheFolder(env: Env = process.env, platform: string = process.platform): string {
  const given = [env.ENGINE_CACHE, env.XDG_CACHE_HOME && join(env.XDG_CACHE_HOME, 'engine')].find(Boolean);
  if (given) return given;
  if (platform === 'win32' && env.LOCALAPPDATA) return join(env.LOCALAPPDATA, 'engine', 'Cache');
  return join(homedir(), '.cache', 'engine');
}
