import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { driverProblem, driverVersion } from './driver.js';

describe('driverVersion', () => {
  it.each([
    ['NVRM version: NVIDIA UNIX x86_64 Kernel Module  470.82.01  Wed Oct 27 21:21:55 UTC 2021', '470.82.01'],
    ['NVRM version: NVIDIA UNIX Open Kernel Module for x86_64  550.54.15  Release Build', '550.54.15'],
    ['NVIDIA H100 80GB HBM3, 81559 MiB, 535.104', '535.104'],
    ['nothing of the kind', undefined],
  ])('reads %s', (text, version) => {
    expect(driverVersion(text)).toBe(version);
  });
});

describe('driverProblem', () => {
  it.each(['470.82.01', '525.60.12', '525.59', '525.60', '510.108.03'])('refuses %s with what to do', (version) => {
    expect(driverProblem(version)).toMatchObject({
      code: 'ENGINE_NATIVE_DRIVER_TOO_OLD',
      exitCode: 2,
      received: `version ${version}`,
      action: expect.stringContaining('update the driver'),
    });
  });

  it.each(['525.60.13', '525.85', '550.54.15', '570.0'])('takes %s', (version) => {
    expect(driverProblem(version)).toBeUndefined();
  });

  it('never refuses a driver that is newer than one it takes', () => {
    const version = fc.tuple(fc.integer({ min: 400, max: 700 }), fc.nat(200), fc.nat(20));
    fc.assert(
      fc.property(version, fc.nat(2), fc.integer({ min: 1, max: 50 }), (parts, at, more) => {
        const newer = parts.map((part, i) => (i === at ? part + more : part));
        if (driverProblem(parts.join('.')) === undefined) expect(driverProblem(newer.join('.'))).toBeUndefined();
      }),
    );
  });
});
