import type { Backend } from '@engine/core';

/**
 * Runs what it is given in the backend's autocast region of `wanted`, or of the first precision that the backend offers when that is null.
 * Where the backend lacks it `onLack` is told why, once, and everything runs in float32.
 */
export function autocastOf(
  wanted: 'float16' | 'bfloat16' | 'float32' | null,
  backend: Backend | undefined,
  onLack: (reason: string) => void,
): <T>(run: () => T) => T {
  const offered = backend?.autocast === undefined ? [] : backend.capabilities.autocast;
  const dtype = wanted ?? offered[0];
  if (dtype === 'float32') return (run) => run();
  if (dtype !== undefined && offered.includes(dtype))
    return (run) => (backend as Required<Backend>).autocast(dtype, run);
  onLack(
    backend === undefined
      ? 'no backend was given'
      : `the backend ${backend.name} has no ${wanted ?? 'reduced precision'}`,
  );
  return (run) => run();
}
