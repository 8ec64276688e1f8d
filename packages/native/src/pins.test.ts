import { describe, expect, it } from 'vitest';
import { type Flavour, flavourOf, flavours } from './flavours.js';
import { isTested, pinsFor, TENSORFLOW_VERSION, type WheelPin } from './pins.js';

type System = [flavour: Flavour, platform: string, arch: string];
const systems: System[] = [
  ['node', 'linux', 'x64'],
  ['node', 'linux', 'arm64'],
  ['node', 'darwin', 'arm64'],
  ['cuda', 'linux', 'x64'],
];

const all = (...system: System): WheelPin[] => {
  const { library, alternatives, companions } = pinsFor(...system);
  return [library, ...alternatives, ...companions];
};

describe('pins', () => {
  it.each(systems)('of %s on %s %s are whole', (...system) => {
    for (const { file, sha256, project, version } of all(...system)) {
      expect(sha256).toMatch(/^[0-9a-f]{64}$/);
      expect(file).toBe(`${project.replaceAll('-', '_')}-${version}-${file.split('-').slice(2).join('-')}`);
    }
    expect(pinsFor(...system).library.version).toBe(TENSORFLOW_VERSION);
  });

  it('differ from each other', () => {
    const hashes = systems.flatMap((system) => all(...system)).map(({ sha256 }) => sha256);
    expect(new Set(hashes).size).toBe(hashes.length);
  });

  it.each<System>([
    ['node', 'win32', 'arm64'],
    ['cuda', 'win32', 'x64'],
    ['node', 'linux', 'ia32'],
    ['cuda', 'darwin', 'arm64'],
  ])('of %s on %s %s do not exist, which is said', (...system) => {
    expect(() => pinsFor(...system)).toThrow(
      expect.objectContaining({ code: 'ENGINE_NATIVE_PLATFORM', received: `${system[1]}-${system[2]}` }),
    );
  });

  it('do not exist for Windows, whose wheels export no C API', () => {
    expect(() => pinsFor('node', 'win32', 'x64')).toThrow(
      expect.objectContaining({
        code: 'ENGINE_NATIVE_NO_C_API',
        exitCode: 2,
        action: expect.stringMatching(/wasm[\s\S]*TENSORFLOW_LIB_DIR[\s\S]*tensorflow\.dll/),
      }),
    );
  });

  it('say why there are none for older Macs', () => {
    expect(() => pinsFor('node', 'darwin', 'x64')).toThrow(
      expect.objectContaining({ code: 'ENGINE_NATIVE_PLATFORM', received: expect.stringContaining('since 2.17') }),
    );
  });

  it('are as many for each Python on every CPU', () => {
    for (const [flavour, platform, arch] of systems.filter(([name]) => name === 'node')) {
      const { library, alternatives } = pinsFor(flavour, platform, arch);
      const pythons = [library, ...alternatives]
        .map(({ file }) => file.split('-')[2] ?? '')
        .toSorted((a, b) => a.localeCompare(b));
      expect(pythons).toEqual(['cp310', 'cp311', 'cp312', 'cp313']);
    }
  });

  it('are marked where nobody has run them', () => {
    expect(systems.filter((system) => isTested(...system))).toEqual([['node', 'linux', 'x64']]);
  });
});

describe('flavourOf', () => {
  it('takes node and cuda', () => {
    expect(flavours.map((name) => flavourOf(name))).toEqual(['node', 'cuda']);
    expect(() => flavourOf('gpu')).toThrow(expect.objectContaining({ code: 'ENGINE_NATIVE_UNKNOWN_FLAVOUR' }));
  });
});
