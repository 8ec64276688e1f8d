import { configErrors } from '../errors.js';

/** The text of a config's bytes. @throws `ENGINE_CONFIG_NOT_UTF8` */
export function decode(bytes: Uint8Array, file: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (cause) {
    throw configErrors.NOT_UTF8({
      subject: file,
      expected: 'text in UTF-8',
      received: 'bytes that are none',
      action: 'save the file as UTF-8',
      at: { file },
      cause,
    });
  }
}
