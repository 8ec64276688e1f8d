/** Tells a living process from a dead one whose number was given to another: by its number together with the time it started. */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';

/** Names one process of one machine, for good. */
export interface ProcessTag {
  readonly host: string;
  readonly pid: number;
  /** When it started, in the system's own words; undefined where the system does not tell. */
  readonly started: string | undefined;
}

let own: ProcessTag | undefined;

export function ownTag(): ProcessTag {
  own ??= { host: hostname(), pid: process.pid, started: startOf(process.pid) };
  return own;
}

/** Whether the process lives; undefined when it belongs to another machine. */
export function isAlive(tag: ProcessTag): boolean | undefined {
  if (tag.host !== ownTag().host) return undefined;
  if (!exists(tag.pid)) return false;
  const started = startOf(tag.pid);
  return tag.started === undefined || started === undefined || started === tag.started;
}

/** Start time of a process, the same text at each call; undefined when it is gone or the system does not tell. */
export function startOf(pid: number): string | undefined {
  try {
    if (process.platform === 'linux') {
      const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
      const ticks = stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
      return `${readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()}/${ticks}`;
    }
    if (process.platform === 'win32') return undefined;
    return execFileSync('ps', ['-o', 'lstart=', '-p', String(pid)], { encoding: 'utf8' }).trim();
  } catch {
    return undefined;
  }
}

function exists(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}
