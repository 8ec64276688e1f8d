/** TensorBoard's events as bytes: field numbers of its `event.proto` and `summary.proto`. */
import { crc32c } from '../checksum.js';
import { bytes, double, float, int, message, packed } from './protobuf.js';

/** When something happened: seconds since 1970, and the step. */
export interface When {
  readonly wallTime: number;
  readonly step: number;
}

const event = ({ wallTime, step }: When, what: Uint8Array): Uint8Array =>
  message(double(1, wallTime), ...(step === 0 ? [] : [int(2, step)]), what);

const summary = (when: When, ...values: readonly Uint8Array[]): Uint8Array =>
  event(when, bytes(5, message(...values.map((value) => bytes(1, value)))));

/** The first event of every file. */
export const fileVersion = (when: When): Uint8Array => event(when, bytes(3, 'brain.Event:2'));

/** Tells readers to forget what earlier files say from this step on. */
export const sessionStart = (when: When): Uint8Array => event(when, bytes(7, int(1, 1)));

export const scalars = (when: When, row: ReadonlyMap<string, number>): Uint8Array =>
  summary(when, ...[...row].map(([name, value]) => message(bytes(1, name), float(2, value))));

/** A picture by the bytes of its PNG file. */
export function image(
  when: When,
  name: string,
  {
    height,
    width,
    channels,
    png,
  }: { readonly height: number; readonly width: number; readonly channels: number; readonly png: Uint8Array },
): Uint8Array {
  return summary(
    when,
    message(bytes(1, name), bytes(4, message(int(1, height), int(2, width), int(3, channels), bytes(4, png)))),
  );
}

const STRING = 7;

/** A text, which the text tab shows as Markdown. */
export function text(when: When, name: string, content: string): Uint8Array {
  const tensor = message(int(1, STRING), bytes(2, bytes(2, int(1, 1))), bytes(8, content));
  return summary(when, message(bytes(1, name), bytes(8, tensor), bytes(9, bytes(1, bytes(1, 'text')))));
}

/** How often values fall into buckets; `limits` are the upper ends. */
export interface Histogram {
  readonly min: number;
  readonly max: number;
  readonly count: number;
  readonly sum: number;
  readonly sumSquares: number;
  readonly limits: readonly number[];
  readonly counts: readonly number[];
}

export function histogram(when: When, name: string, { min, max, count, sum, ...rest }: Histogram): Uint8Array {
  const content = message(
    double(1, min),
    double(2, max),
    double(3, count),
    double(4, sum),
    double(5, rest.sumSquares),
    packed(6, rest.limits),
    packed(7, rest.counts),
  );
  return summary(when, message(bytes(1, name), bytes(5, content)));
}

/** One event as it stands in a file: length, its checksum, the event, its checksum. */
export function record(data: Uint8Array): Uint8Array {
  const out = new Uint8Array(data.length + 16);
  const view = new DataView(out.buffer);
  view.setBigUint64(0, BigInt(data.length), true);
  view.setUint32(8, masked(crc32c(out.subarray(0, 8))), true);
  out.set(data, 12);
  view.setUint32(12 + data.length, masked(crc32c(data)), true);
  return out;
}

/** TensorFlow's records rotate checksums and add a constant, since a checksum of data with checksums inside says little. */
const masked = (crc: number): number => (((crc >>> 15) | (crc << 17)) + 0xa282ead8) >>> 0;
