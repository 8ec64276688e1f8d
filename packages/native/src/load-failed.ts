import { nativeErrors } from './errors.js';

/** Why the system does not take a library, in the terms of the person whose machine it is. */
export function loadFailed(path: string, cause: unknown): Error {
  const reason = cause instanceof Error ? cause.message : String(cause);
  const glibc = /GLIBC(?:XX)?_[\d.]+/.exec(reason)?.[0];
  const wrong = /wrong ELF class|invalid ELF header|Exec format|mach-o, but wrong architecture|file too short/i.test(
    reason,
  );
  return nativeErrors.LOAD_FAILED({
    subject: path,
    expected:
      glibc === undefined
        ? `a TensorFlow library for ${process.platform} ${process.arch}`
        : `a system with ${glibc.replace('_', ' ')} or newer`,
    received: reason,
    action:
      glibc !== undefined
        ? 'run on a newer distribution (glibc 2.27 or newer), or stay with the wasm backend'
        : wrong
          ? 'the file is for another processor or broken: engine backend remove node, then engine backend install node'
          : 'engine backend doctor says what is missing',
    cause,
  });
}
