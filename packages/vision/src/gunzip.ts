import { visionErrors } from './errors.js';

/** Unpacks gzip data with what the platform has. @throws `ENGINE_VISION_BAD_GZIP` */
export async function gunzip(bytes: Uint8Array, file: string): Promise<Uint8Array> {
  try {
    const unpacked = new Blob([bytes]).stream().pipeThrough(new DecompressionStream('gzip'));
    return new Uint8Array(await new Response(unpacked).arrayBuffer());
  } catch (cause) {
    throw visionErrors.BAD_GZIP({
      subject: file,
      expected: 'intact gzip data',
      received: `${bytes.length} bytes that do not unpack`,
      action: 'fetch the file again, or put the unpacked file beside it',
      cause,
    });
  }
}
