import { spawn } from 'node:child_process';
import { hostname } from 'node:os';
import { describe, expect, it } from 'vitest';
import { isAlive, ownTag, startOf } from './process-tag.js';

describe('process tags', () => {
  it('name this process, always the same way', () => {
    expect(ownTag()).toMatchObject({ host: hostname(), pid: process.pid });
    expect(startOf(process.pid)).toBe(ownTag().started);
    expect(JSON.parse(JSON.stringify(ownTag()))).toMatchObject({ pid: process.pid });
  });

  it('tell the living from the dead, and neither on another machine', async () => {
    const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'ignore' });
    await new Promise((resolve) => child.once('spawn', resolve));
    const tag = { host: hostname(), pid: child.pid ?? 0, started: startOf(child.pid ?? 0) };
    expect(isAlive(tag)).toBe(true);
    const ended = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGKILL');
    await ended;
    expect(isAlive(tag)).toBe(false);
    expect(isAlive({ ...ownTag(), host: 'elsewhere' })).toBeUndefined();
  });

  it.runIf(startOf(process.pid) !== undefined)('tell a process from one that had its number before', () => {
    expect(isAlive({ ...ownTag(), started: 'long ago' })).toBe(false);
  });

  it('give the benefit of the doubt where the system does not tell when a process began', () => {
    expect(isAlive({ ...ownTag(), started: undefined })).toBe(true);
  });

  it('have no start for what does not run', () => {
    expect(startOf(2 ** 30)).toBeUndefined();
  });
});
