/** Makes small wheels and serves them, as a package index does. */
import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { crc32, deflateRawSync } from 'node:zlib';
import type { LibraryPins, WheelPin } from '../pins.js';

export interface ZipMember {
  readonly name: string;
  readonly content: Uint8Array | string;
  readonly stored?: boolean;
}

/** A zip archive of a few members. */
export function zip(members: readonly ZipMember[]): Buffer {
  const locals: Buffer[] = [];
  const entries: Buffer[] = [];
  let offset = 0;
  for (const { name, content, stored = false } of members) {
    const bytes = Buffer.from(content);
    const packed = stored ? bytes : deflateRawSync(bytes);
    const shared = Buffer.alloc(26);
    shared.writeUInt16LE(20, 0);
    shared.writeUInt16LE(stored ? 0 : 8, 4);
    shared.writeUInt32LE(crc32(bytes), 10);
    shared.writeUInt32LE(packed.length, 14);
    shared.writeUInt32LE(bytes.length, 18);
    shared.writeUInt16LE(Buffer.byteLength(name), 22);
    const local = Buffer.concat([Buffer.from('PK\u0003\u0004', 'latin1'), shared, Buffer.from(name), packed]);
    const rest = Buffer.alloc(14);
    rest.writeUInt32LE(offset, 10);
    entries.push(Buffer.concat([Buffer.from('PK\u0001\u0002\u0014\u0000', 'latin1'), shared, rest, Buffer.from(name)]));
    locals.push(local);
    offset += local.length;
  }
  const directory = Buffer.concat(entries);
  const end = Buffer.alloc(22);
  end.write('PK\u0005\u0006', 'latin1');
  end.writeUInt16LE(members.length, 8);
  end.writeUInt16LE(members.length, 10);
  end.writeUInt32LE(directory.length, 12);
  end.writeUInt32LE(offset, 16);
  return Buffer.concat([...locals, directory, end]);
}

export const pinOf = (file: string, content: Uint8Array): WheelPin => {
  const [project = '', version = ''] = file.split('-');
  return {
    project: project.replaceAll('_', '-'),
    version,
    file,
    sha256: createHash('sha256').update(content).digest('hex'),
  };
};

export const FILE = 'tensorflow_cpu-2.21.0-cp311-cp311-manylinux_2_27_x86_64.whl';

/** A wheel that looks like TensorFlow's, a few kilobytes large, and its pins. */
export function smallWheel(): { readonly content: Buffer; readonly pins: LibraryPins } {
  const content = zip([
    { name: 'tensorflow/__init__.py', content: 'print("not wanted")' },
    { name: 'tensorflow/libtensorflow_cc.so.2', content: Buffer.alloc(100_000, 'cc ') },
    { name: 'tensorflow/libtensorflow_framework.so.2', content: Buffer.alloc(3000, 'fw '), stored: true },
    { name: 'tensorflow_cpu-2.21.0.dist-info/licenses/LICENSE', content: 'Apache' },
  ]);
  return { content, pins: { library: pinOf(FILE, content), alternatives: [], companions: [] } };
}

export interface FakeIndex {
  readonly url: string;
  /** What was asked for: method, path and range. */
  readonly asked: string[];
  close(): Promise<void>;
}

export interface FakeIndexOptions {
  readonly files: Readonly<Record<string, Buffer>>;
  readonly page?: 'json' | 'html';
  /** The connection breaks after so many bytes of a file, the first time. */
  readonly breaksAfter?: number;
  readonly password?: string;
}

/** An index on this machine. */
export async function fakeIndex({ files, page = 'json', breaksAfter, password }: FakeIndexOptions): Promise<FakeIndex> {
  const asked: string[] = [];
  let breaks = breaksAfter;
  const answer = (request: IncomingMessage, response: ServerResponse): void => {
    const { url = '', headers } = request;
    asked.push(`${url}${headers.range === undefined ? '' : ` ${headers.range}`}`);
    if (
      password !== undefined &&
      headers.authorization !== `Basic ${Buffer.from(`me:${password}`).toString('base64')}`
    ) {
      response.writeHead(401).end();
      return;
    }
    if (url.startsWith('/simple/tensorflow-cpu/')) {
      const links = Object.keys(files).map((name) => `../../files/${name}`);
      response.writeHead(200, {
        'content-type': page === 'json' ? 'application/vnd.pypi.simple.v1+json' : 'text/html',
      });
      const html = links.map((link) => `<a href="${link}#sha256=0">${link}</a>`).join('\n');
      response.end(
        page === 'json' ? JSON.stringify({ files: links.map((link) => ({ url: link })) }) : `<html>${html}</html>`,
      );
      return;
    }
    const content = files[url.replace('/files/', '')];
    if (content === undefined) {
      response.writeHead(404).end();
      return;
    }
    const from = Number(/^bytes=(\d+)-$/.exec(headers.range ?? '')?.[1] ?? 0);
    response.writeHead(from > 0 ? 206 : 200, { 'content-length': content.length - from });
    if (breaks === undefined) {
      response.end(content.subarray(from));
      return;
    }
    const until = breaks;
    breaks = undefined;
    response.write(content.subarray(from, until), () => setTimeout(() => response.destroy(), 50));
  };
  const server = createServer(answer);
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready));
  const { port } = server.address() as AddressInfo;
  const who = password === undefined ? '' : `me:${password}@`;
  return {
    url: `http://${who}127.0.0.1:${port}/simple`,
    asked,
    close: () =>
      new Promise((done) => {
        server.closeAllConnections();
        server.close(() => done());
      }),
  };
}
