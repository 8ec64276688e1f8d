import { randomUUID } from 'node:crypto';
import { link, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { fileioErrors } from './errors.js';
import { isAlive, ownTag, type ProcessTag } from './process-tag.js';
import { codeOf, systemError } from './system-error.js';
import { temporaryName } from './temporary-files.js';

interface LockContent extends ProcessTag {
  readonly token: string;
}

/**
 * Takes `${path}.lock`, a file that says who holds it. One whose holder is dead is replaced, by one process alone: the one
 * that has locked the lock file in turn. One of another machine, or one that is no lock of ours, is respected.
 */
export async function takeLock(path: string): Promise<() => Promise<void>> {
  const file = `${path}.lock`;
  const content: LockContent = { ...ownTag(), token: randomUUID() };
  const text = JSON.stringify(content);
  while (!(await create(file, text))) {
    const found = await read(file);
    if (found === undefined) continue; // released meanwhile
    const holder = parse(found);
    if (holder === undefined || isAlive(holder) !== false) throw locked(path, file, holder);
    await replaceDead(file, found, text);
    break;
  }
  return async () => {
    const found = await read(file);
    if (found !== undefined && parse(found)?.token === content.token) await rm(file, { force: true });
  };
}

/**
 * False when the file exists. It comes into being with its text, by a second name for a file that is written before: a process killed in between leaves no
 * lock that says nothing and is respected for ever.
 */
async function create(file: string, text: string): Promise<boolean> {
  const temporary = temporaryName(file);
  try {
    await writeFile(temporary, text, { flag: 'wx' });
    await link(temporary, file).catch((error: unknown) => {
      if (!WITHOUT_LINKS.has(codeOf(error) ?? '')) throw error;
      return writeFile(file, text, { flag: 'wx' });
    });
    return true;
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false;
    throw systemError(error, 'locking', file);
  } finally {
    await rm(temporary, { force: true });
  }
}

/** What file systems without a second name for a file say (FAT, some network folders). */
const WITHOUT_LINKS: ReadonlySet<string> = new Set(['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK', 'EXDEV']);

/** Replaces a dead lock that reads `found`. @throws `ENGINE_FILEIO_LOCKED` when another process is doing so, or has done it. */
async function replaceDead(file: string, found: string, text: string): Promise<void> {
  const release = await takeLock(file);
  try {
    const now = await read(file);
    if (now !== found) throw locked(file, file, now === undefined ? undefined : parse(now));
    const temporary = temporaryName(file);
    await writeFile(temporary, text);
    await rename(temporary, file);
  } catch (error) {
    throw systemError(error, 'locking', file);
  } finally {
    await release();
  }
}

async function read(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw systemError(error, 'reading', file);
  }
}

function parse(text: string): LockContent | undefined {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value !== 'object' || value === null || !('host' in value) || !('pid' in value) || !('token' in value))
      return undefined;
    return Number.isInteger(value.pid) ? (value as LockContent) : undefined;
  } catch {
    return undefined;
  }
}

function locked(path: string, file: string, holder: LockContent | undefined): Error {
  const who = holder === undefined ? 'an unknown process' : `process ${holder.pid} on ${holder.host}`;
  return fileioErrors.LOCKED({
    subject: path,
    expected: 'a path that no other run uses',
    received: `${file}, held by ${who}`,
    action: `wait until that run has ended, or use another folder; if it is certainly gone, delete ${file}`,
  });
}
