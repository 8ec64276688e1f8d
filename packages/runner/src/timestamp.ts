/** `YYYYMMDD_HHMMSS` in local time: names run folders. */
export function formatTimestamp(milliseconds: number): string {
  const time = new Date(milliseconds);
  const two = (value: number): string => String(value).padStart(2, '0');
  const day = `${time.getFullYear()}${two(time.getMonth() + 1)}${two(time.getDate())}`;
  return `${day}_${two(time.getHours())}${two(time.getMinutes())}${two(time.getSeconds())}`;
}

/** A timestamp, with the number that tells runs of the same second apart. */
export const TIMESTAMP = /\d{8}_\d{6}(?:_\d+)?$/;
