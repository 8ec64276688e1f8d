/** The files of two parts of `npm run bench -- loader`: a folder of 2,000 JPEGs in ten classes, made once, read by both sides. */
import { existsSync } from 'node:fs';
import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { imageFile } from '@engine/vision/testing';

export const [PHOTOS, WIDTH, HEIGHT] = [2000, 500, 375];
const [CLASSES, PICTURES] = [10, 40];

/** The folder, with a folder for each class. */
export async function photoFolder(): Promise<string> {
  const folder = join(tmpdir(), 'engine-bench-photos-1');
  if (existsSync(folder)) return folder;
  const building = `${folder}.${process.pid}`;
  for (let name = 0; name < CLASSES; name++) await mkdir(join(building, `class${name}`), { recursive: true });
  for (let picture = 0; picture < PICTURES; picture++) {
    const bytes = await imageFile({ width: WIDTH, height: HEIGHT, format: 'jpeg', pixel: pixelOf(picture) });
    for (let i = picture; i < PHOTOS; i += PICTURES)
      await writeFile(join(building, `class${i % CLASSES}`, `${String(i).padStart(4, '0')}.jpg`), bytes);
  }
  await rename(building, folder).catch(() => rm(building, { recursive: true })); // another one was faster
  return folder;
}

/** Waves of colour, each picture its own, with some grain: about as many details as a photograph has. */
function pixelOf(picture: number): (x: number, y: number) => readonly number[] {
  const [a, b] = [0.01 + (picture % 7) * 0.004, 0.02 + (picture % 5) * 0.006];
  return (x, y) => {
    const grain = ((Math.imul(x * 374761393 + y * 668265263 + picture, 2246822519) >>> 24) - 128) / 16;
    return [0, 1, 2].map((c) =>
      Math.round(128 + 60 * Math.sin(x * a + c + picture) + 50 * Math.sin(y * b - c) + grain),
    );
  };
}
