import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** How the next requests for a file go wrong, one each; then they go right. */
export type Fault =
  /** The connection is cut after so many bytes of the body, which the client may lose. */
  | { readonly cutAfter: number }
  /** Nothing more comes after so many bytes of the body; the connection stays open. Then the file has another content, if one is given. */
  | { readonly stallAfter: number; readonly becomes?: Uint8Array }
  | { readonly status: number; readonly headers?: Readonly<Record<string, string>> }
  | { readonly redirect: string }
  /** Answers a request for a range with 206 and bytes from another place. */
  | { readonly rangeFrom: number }
  /** Answers with the whole file, whatever range was asked for. */
  | { readonly ignoreRange: true };

/** One request that came in. */
export interface SeenRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingMessage['headers'];
}

/** A web server of this process with files, ETags and ranges, which can be told to fail. For tests of whatever reads over HTTP. */
export class FileServer {
  readonly requests: SeenRequest[] = [];
  readonly #files = new Map<string, Uint8Array>();
  readonly #faults = new Map<string, Fault[]>();
  readonly #server: Server;
  /** Whether ETags are sent; without one a download cannot be continued. */
  tags = true;

  private constructor() {
    this.#server = createServer((request, response) => this.#answer(request, response));
  }

  static async start(): Promise<FileServer> {
    const server = new FileServer();
    await new Promise<void>((resolve) => server.#server.listen(0, '127.0.0.1', resolve));
    return server;
  }

  url(path: string): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}${path}`;
  }

  /** Puts a file there, and what goes wrong when it is asked for. */
  put(path: string, content: Uint8Array | string, faults: readonly Fault[] = []): string {
    this.#files.set(path, typeof content === 'string' ? new TextEncoder().encode(content) : content);
    this.#faults.set(path, [...faults]);
    return this.url(path);
  }

  remove(path: string): void {
    this.#files.delete(path);
  }

  /** Connections that are open now. */
  connections(): Promise<number> {
    return new Promise((resolve, reject) =>
      this.#server.getConnections((error, count) => (error === null ? resolve(count) : reject(error))),
    );
  }

  /** Cuts all connections; a client that has read what came loses nothing of it. */
  cut(): void {
    this.#server.closeAllConnections();
  }

  async stop(): Promise<void> {
    this.cut();
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
  }

  #answer(request: IncomingMessage, response: ServerResponse): void {
    const path = (request.url ?? '/').replace(/\?.*$/, '');
    this.requests.push({ method: request.method ?? '', path, headers: request.headers });
    const fault = this.#faults.get(path)?.shift();
    const content = this.#files.get(path);
    if (fault !== undefined && 'status' in fault) return void response.writeHead(fault.status, fault.headers).end();
    if (fault !== undefined && 'redirect' in fault)
      return void response.writeHead(302, { Location: fault.redirect }).end();
    if (content === undefined) return void response.writeHead(404).end();
    const [from, status] = this.#start(request, content, fault);
    const body = content.subarray(from);
    response.writeHead(status, {
      'Content-Length': body.length,
      ...(this.tags && { ETag: tagOf(content), 'Accept-Ranges': 'bytes' }),
      ...(status === 206 && { 'Content-Range': `bytes ${from}-${content.length - 1}/${content.length}` }),
    });
    if (request.method === 'HEAD') return void response.end();
    if (fault !== undefined && 'cutAfter' in fault)
      return void response.write(body.subarray(0, fault.cutAfter), () => setImmediate(() => response.destroy()));
    if (fault !== undefined && 'stallAfter' in fault) {
      if (fault.becomes !== undefined) this.#files.set(path, fault.becomes);
      return void response.write(body.subarray(0, fault.stallAfter));
    }
    response.end(body);
  }

  /** First byte to send, and the status to send it with. */
  #start({ headers }: IncomingMessage, content: Uint8Array, fault: Fault | undefined): [from: number, status: number] {
    const asked = /^bytes=(\d+)-/.exec(headers.range ?? '')?.[1];
    if (asked === undefined || (fault !== undefined && 'ignoreRange' in fault)) return [0, 200];
    if (headers['if-range'] !== undefined && headers['if-range'] !== tagOf(content)) return [0, 200];
    if (fault !== undefined && 'rangeFrom' in fault) return [fault.rangeFrom, 206];
    return [Number(asked), Number(asked) < content.length ? 206 : 416];
  }
}

function tagOf(content: Uint8Array): string {
  return `"${createHash('md5').update(content).digest('hex')}"`;
}
