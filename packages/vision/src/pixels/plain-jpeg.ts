/** Height and width in pixels. */
export interface Size {
  readonly height: number;
  readonly width: number;
}

const [SOI, EOI, SOS, APP1] = [0xffd8, 0xffd9, 0xffda, 0xffe1];
/** Baseline, extended and progressive frames, Huffman-coded (ITU-T T.81, table B.1). */
const [FIRST_FRAME, LAST_FRAME] = [0xffc0, 0xffc2];
const EXIF = 0x45786966;
const ORIENTATION = 0x0112;
const UPRIGHT = 1;

/**
 * The size of a JPEG whose pixels are three bytes, stored upright, and whose last bytes are there; undefined for every other file, and for
 * what is not quite as it should be. Reads the headers only.
 */
export function plainJpegSize(bytes: Uint8Array): Size | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < 4 || view.getUint16(0) !== SOI || view.getUint16(bytes.length - 2) !== EOI) return undefined;
  let size: Size | undefined;
  for (let at = 2; at + 4 <= bytes.length; ) {
    const [marker, length] = [view.getUint16(at), view.getUint16(at + 2)];
    if (marker === SOS) return size;
    if (marker < FIRST_FRAME || at + 2 + length > bytes.length) return undefined;
    const segment = new DataView(view.buffer, view.byteOffset + at + 4, Math.max(0, length - 2));
    if (marker >= FIRST_FRAME && marker <= LAST_FRAME) size = sizeIn(segment);
    else if (marker === APP1 && !isUpright(segment)) return undefined;
    at += 2 + length;
  }
  return undefined;
}

/** Of a frame's header: precision, height, width, number of components. */
function sizeIn(frame: DataView): Size | undefined {
  if (frame.byteLength < 6 || frame.getUint8(0) !== 8 || frame.getUint8(5) !== 3) return undefined;
  const [height, width] = [frame.getUint16(1), frame.getUint16(3)];
  return height > 0 && width > 0 ? { height, width } : undefined;
}

/** Whether nothing in the segment turns the image (Exif 2.3, 4.5 and 4.6). */
function isUpright(segment: DataView): boolean {
  if (segment.byteLength < 4 || segment.getUint32(0) !== EXIF) return true;
  try {
    const [order, start] = [segment.getUint16(6), 6];
    const little = order === 0x4949;
    if (!little && order !== 0x4d4d) return false;
    const fields = start + segment.getUint32(start + 4, little);
    const count = segment.getUint16(fields, little);
    for (let at = fields + 2; at < fields + 2 + 12 * count; at += 12)
      if (segment.getUint16(at, little) === ORIENTATION) return segment.getUint16(at + 8, little) === UPRIGHT;
    return true;
  } catch {
    return false; // it points out of the segment
  }
}
