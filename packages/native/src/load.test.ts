/** Libraries that cannot be loaded: real broken files, given to the system. */
import { readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ffiPackage, loadFfi } from './ffi.js';
import { libraryFiles } from './folders.js';
import { loadFailed } from './load-failed.js';
import { TensorFlow } from './tensor-flow.js';
import { type TestFolder, testFolder } from './testing/folder.js';

let folder: TestFolder;
beforeEach(() => {
  folder = testFolder();
});
afterEach(() => folder.remove());

const { platform } = process;

function openWith(content: Uint8Array | string): void {
  const [first] = libraryFiles(platform).map((file) => folder.write(file, content)) as [string];
  new TensorFlow({ folder: dirname(first), platform, from: 'TENSORFLOW_LIB_DIR' }).close();
}

/** The first bytes of an ELF file for a processor. */
function elf(machine: number): Uint8Array {
  const header = new Uint8Array(64);
  header.set([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1]);
  header[16] = 3;
  new DataView(header.buffer).setUint16(18, machine, true);
  return header;
}

const failure = expect.objectContaining({ code: 'ENGINE_NATIVE_LOAD_FAILED', exitCode: 2 });

describe('a library that the system does not take', () => {
  it.each([
    ['is empty', ''],
    ['is text', 'not found\n'.repeat(100)],
    ['is cut off', elf(62)],
    ['is for another processor', elf(process.arch === 'arm64' ? 62 : 183)],
  ])('is a coded error when it %s', (_how, content) => {
    expect(() => openWith(content)).toThrow(failure);
  });

  it.skipIf(platform !== 'linux')('is a coded error when it is whole but not with a C API', () => {
    const path = process.report.getReport() as { sharedObjects?: string[] };
    const whole = (path.sharedObjects ?? []).find((file) => /\/libm\.so/.test(file)) as string;
    expect(() => openWith(readFileSync(whole))).toThrow(
      expect.objectContaining({
        code: 'ENGINE_NATIVE_NO_C_API',
        expected: expect.stringContaining('TF_Version()'),
        exitCode: 2,
      }),
    );
  });

  it('is a coded error when it is not there', () => {
    expect(() => new TensorFlow({ folder: folder.path, platform, from: 'installed' })).toThrow(failure);
  });

  it('says which glibc is missing', () => {
    const reason = "/lib/libc.so.6: version `GLIBC_2.38' not found (required by libtensorflow_cc.so.2)";
    const error = loadFailed('lib', new Error(reason)) as Error & { expected: string; action: string };
    expect(error).toMatchObject({ expected: 'a system with GLIBC 2.38 or newer' });
    expect(error.action).toMatch(/newer distribution/);
  });
});

describe('loadFfi', () => {
  it('loads the prebuilt module of this system', () => {
    expect(loadFfi().load).toBeTypeOf('function');
  });

  it('names the package when there is none', () => {
    expect(() => loadFfi(undefined, ffiPackage('plan9', 'vax'))).toThrow(
      expect.objectContaining({ code: 'ENGINE_NATIVE_NO_FFI', subject: '@koromix/koffi-plan9-vax' }),
    );
  });
});
