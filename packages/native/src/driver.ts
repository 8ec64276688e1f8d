import type { EngineError } from '@engine/core/plain';
import { nativeErrors } from './errors.js';

/** The oldest driver for CUDA 12, which the pinned wheel is built with, on Linux. */
const MIN_DRIVER = '525.60.13';

const partsOf = (version: string): number[] => version.split('.').map(Number);

/** Whether a version like 550.54.15 comes before another. */
function isOlder(version: string, than: string): boolean {
  const [parts, limits] = [partsOf(version), partsOf(than)];
  const at = limits.findIndex((limit, i) => (parts[i] ?? 0) !== limit);
  return at >= 0 && (parts[at] ?? 0) < (limits[at] as number);
}

/** The version in `/proc/driver/nvidia/version` or in what `nvidia-smi` lists. */
export const driverVersion = (text: string): string | undefined => /\b(\d{3}\.\d+(?:\.\d+)?)\b/.exec(text)?.[1];

/** `ENGINE_NATIVE_DRIVER_TOO_OLD` for a driver that CUDA's libraries refuse; undefined for one that will do. */
export function driverProblem(version: string): EngineError | undefined {
  if (!isOlder(version, MIN_DRIVER)) return undefined;
  return nativeErrors.DRIVER_TOO_OLD({
    subject: 'NVIDIA driver',
    expected: `version ${MIN_DRIVER} or newer, for CUDA 12`,
    received: `version ${version}`,
    action: 'update the driver, or use backend node',
  });
}
