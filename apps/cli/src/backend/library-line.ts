import { type InstalledLibrary, isTested, type Surroundings } from '@engine/native/install';

/** One line about an installed library, which says where nobody has run it. */
export function libraryLine(library: InstalledLibrary, { platform, arch }: Surroundings): string {
  const { flavour, version, bytes, folder } = library;
  const mark = isTested(flavour, platform, arch) ? '' : `  (untested on ${platform}-${arch})`;
  return `${flavour.padEnd(6)}TensorFlow ${version}  ${(bytes / 1e9).toFixed(2)} GB  ${folder}${mark}\n`;
}
