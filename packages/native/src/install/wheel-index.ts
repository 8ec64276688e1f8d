/** A package index by its documented protocol: one page a project, as JSON or as HTML with one link a file. */
import { createWriteStream } from 'node:fs';
import { rename, stat } from 'node:fs/promises';
import { Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { nativeErrors } from '../errors.js';
import type { WheelPin } from '../pins.js';
import type { Index } from './pip-config.js';

const JSON_PAGE = 'application/vnd.pypi.simple.v1+json';

/** Hides a password in an address. */
export const shown = (url: string): string => url.replace(/\/\/[^@/]*@/, '//***@');

/** The address of a pinned wheel. @throws `ENGINE_NATIVE_INDEX_FAILED` */
export async function findWheel({ url, from }: Index, { project, file }: WheelPin): Promise<string> {
  const page = `${url.replace(/\/+$/, '')}/${project}/`;
  const failed = (received: string, cause?: unknown): Error =>
    nativeErrors.INDEX_FAILED({
      subject: `index of ${from}`,
      expected: `a page ${shown(page)} with ${file}`,
      received,
      action: 'check the address and the network, or fetch the wheel elsewhere and give it: --from-wheel FILE',
      cause,
    });
  const response = await ask(page, { accept: `${JSON_PAGE}, text/html;q=0.5` }).catch((cause: unknown) => {
    throw failed(reasonOf(cause), cause);
  });
  if (!response.ok) throw failed(`HTTP ${response.status}`);
  const text = await response.text();
  const links = (response.headers.get('content-type') ?? '').includes('json') ? linksInJson(text) : linksInHtml(text);
  const link = links.find((each) => nameOf(each) === file);
  if (link === undefined) throw failed(`${links.length} files, not this one`);
  const address = new URL(link, response.url);
  const { host, username, password } = new URL(url);
  if (address.host === host) Object.assign(address, { username, password });
  return address.href;
}

const nameOf = (link: string): string => decodeURIComponent(link.replace(/[#?].*$/, '').replace(/^.*\//, ''));

function linksInJson(text: string): string[] {
  try {
    const page = JSON.parse(text) as { files?: { url?: unknown }[] };
    return (page.files ?? []).flatMap(({ url }) => (typeof url === 'string' ? [url] : []));
  } catch {
    return [];
  }
}

const linksInHtml = (text: string): string[] =>
  [...text.matchAll(/<a\s[^>]*?href\s*=\s*["']([^"']+)["']/gi)].map(([, link]) =>
    (link as string).replaceAll('&amp;', '&'),
  );

/** A password in the address is sent as such. */
async function ask(url: string, headers: Record<string, string>): Promise<Response> {
  const address = new URL(url);
  const { username, password } = address;
  [address.username, address.password] = ['', ''];
  const secret = Buffer.from(`${decodeURIComponent(username)}:${decodeURIComponent(password)}`).toString('base64');
  return fetch(address, { headers: username === '' ? headers : { ...headers, authorization: `Basic ${secret}` } });
}

export type OnBytes = (done: number, total: number | undefined) => void;

/** Fetches a file; what an earlier try has fetched is not fetched again. @throws `ENGINE_NATIVE_DOWNLOAD_FAILED` */
export async function download(url: string, target: string, onBytes: OnBytes): Promise<void> {
  const part = `${target}.part`;
  const before = await stat(part).then(
    ({ size }) => size,
    () => 0,
  );
  const failed = (received: string, cause?: unknown): Error =>
    nativeErrors.DOWNLOAD_FAILED({
      subject: shown(url),
      expected: 'the whole file',
      received,
      action: 'run the command again: it goes on where it stopped',
      cause,
    });
  const response = await ask(url, before > 0 ? { range: `bytes=${before}-` } : {}).catch((cause: unknown) => {
    throw failed(reasonOf(cause), cause);
  });
  if (response.status !== 416 && (!response.ok || response.body === null)) throw failed(`HTTP ${response.status}`);
  if (response.status !== 416) {
    const goesOn = response.status === 206;
    const length = Number(response.headers.get('content-length') ?? Number.NaN);
    const start = goesOn ? before : 0;
    const total = Number.isNaN(length) ? undefined : start + length;
    let done = start;
    const count = new Transform({
      transform(chunk: Buffer, _encoding, next) {
        done += chunk.length;
        onBytes(done, total);
        next(null, chunk);
      },
    });
    const body = Readable.fromWeb(response.body as Parameters<typeof Readable.fromWeb>[0]);
    await pipeline(body, count, createWriteStream(part, { flags: goesOn ? 'a' : 'w' })).catch((cause: unknown) => {
      if (isDisk(cause)) throw cause;
      throw failed(`${done} of ${total ?? 'unknown'} bytes: ${reasonOf(cause)}`, cause);
    });
  }
  await rename(part, target);
}

const isDisk = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && ['ENOSPC', 'EACCES', 'EROFS', 'EDQUOT'].includes(String(error.code));

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? `${error.message}: ${error.cause.message}` : error.message;
}
