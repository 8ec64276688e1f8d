/** The bytes of a tar archive with these files. */
export function tarFile(files: Readonly<Record<string, Uint8Array>>): Uint8Array {
  const blocks = Object.entries(files).flatMap(([name, content]) => [tarHeader(name, content.length), padded(content)]);
  const bytes = new Uint8Array(blocks.reduce((size, block) => size + block.length, 1024));
  let at = 0;
  for (const block of blocks) {
    bytes.set(block, at);
    at += block.length;
  }
  return bytes;
}

/** A block that announces a file, or with another `type` something else. */
export function tarHeader(name: string, size: number, type = '0'): Uint8Array {
  const header = new Uint8Array(512);
  const write = (at: number, text: string): void => header.set(new TextEncoder().encode(text), at);
  const split = name.length > 100 ? name.lastIndexOf('/', 155) : -1;
  write(0, name.slice(split + 1));
  write(100, '0000644\0');
  write(124, `${size.toString(8).padStart(11, '0')}\0`);
  write(148, '        ');
  write(156, type);
  write(257, 'ustar\u000000');
  write(345, name.slice(0, Math.max(0, split)));
  const sum = header.reduce((total, byte) => total + byte, 0);
  write(148, `${sum.toString(8).padStart(6, '0')}\0 `);
  return header;
}

function padded(content: Uint8Array): Uint8Array {
  const block = new Uint8Array(Math.ceil(content.length / 512) * 512);
  block.set(content);
  return block;
}
