import type { LogRecord } from './contract.js';

/** A record as one line without its newline, in local time: `2026/11/21 10:15:02 - engine - INFO - message`. */
export function formatLine(record: LogRecord): string {
  return `${formatTime(record.time)} - ${record.loggerName} - ${record.level} - ${record.message}`;
}

/** The same, where a record's source stands before its message as MMEngine's errors have it: `ERROR - /a/run.js - main - 12 - message`. */
export function formatLineWithSource(record: LogRecord): string {
  if (record.source === undefined) return formatLine(record);
  const { path, function: name, line } = record.source;
  return formatLine({ ...record, message: `${path} - ${name} - ${line} - ${record.message}` });
}

/** `2026/11/21 10:15:02` */
export function formatTime(milliseconds: number): string {
  const at = new Date(milliseconds);
  const pad = (part: number): string => String(part).padStart(2, '0');
  const date = [at.getFullYear(), pad(at.getMonth() + 1), pad(at.getDate())].join('/');
  return `${date} ${[at.getHours(), at.getMinutes(), at.getSeconds()].map(pad).join(':')}`;
}
