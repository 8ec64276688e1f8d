/** Names of half-written files: they say which process writes them, so that the next save can remove what a dead one left behind. */
import { createHash } from 'node:crypto';
import { readdir, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { isAlive, ownTag, startOf } from './process-tag.js';

const SUFFIX = '.engine-tmp';
const PATTERN = /\.([0-9a-f]{8})-(\d+)-([0-9a-f]{8})-\d+\.engine-tmp$/;
let counter = 0;

/** A name in the folder of `path` that no other process and no other call uses. */
export function temporaryName(path: string): string {
  const { host, pid, started } = ownTag();
  counter += 1;
  return join(
    dirname(path),
    `.${basename(path).slice(0, 50)}.${short(host)}-${pid}-${short(started)}-${counter}${SUFFIX}`,
  );
}

export function isTemporary(name: string): boolean {
  return PATTERN.test(name);
}

/** Removes what dead processes of this machine left in a folder. */
export async function removeLeftovers(folder: string): Promise<void> {
  for (const name of await readdir(folder)) {
    const match = PATTERN.exec(name);
    if (match !== null && isLeftover(match)) await rm(join(folder, name), { force: true });
  }
}

function isLeftover([, host, pidText, started]: RegExpExecArray): boolean {
  const own = ownTag();
  if (host !== short(own.host)) return false;
  const pid = Number(pidText);
  if (pid === own.pid) return started !== short(own.started);
  return isAlive({ host: own.host, pid, started: undefined }) === false || started !== short(startOf(pid));
}

function short(text: string | undefined): string {
  return createHash('sha256')
    .update(text ?? '')
    .digest('hex')
    .slice(0, 8);
}
