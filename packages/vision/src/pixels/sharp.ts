import type sharpModule from 'sharp';
import { visionErrors } from '../errors.js';

let loading: Promise<typeof sharpModule> | undefined;

/**
 * The decoder, loaded when the first image is. In a worker thread libvips is told to use one thread and keep nothing: the
 * loader's workers are the parallelism. @throws `ENGINE_VISION_SHARP_MISSING`
 */
export function loadSharp(): Promise<typeof sharpModule> {
  loading ??= importSharp().catch((error: unknown) => {
    loading = undefined;
    throw error;
  });
  return loading;
}

/** `load`: how the package is imported, for tests. */
export async function importSharp(load: () => Promise<{ default: typeof sharpModule }> = () => import('sharp')) {
  try {
    const [{ default: sharp }, { isMainThread }] = await Promise.all([load(), import('node:worker_threads')]);
    if (!isMainThread) {
      sharp.concurrency(1);
      sharp.cache(false);
    }
    return sharp;
  } catch (cause) {
    throw visionErrors.SHARP_MISSING({
      subject: 'LoadImageFromFile',
      expected: 'the npm package sharp, which decodes images',
      received: cause instanceof Error ? (cause.message.split('\n')[0] as string) : String(cause),
      action: 'run `npm install sharp`',
      cause,
    });
  }
}
