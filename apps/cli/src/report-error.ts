import { fileURLToPath } from 'node:url';
import { EngineError } from '@engine/core/plain';

/** What is printed of an error that ends a command. */
export function renderError(error: unknown): string {
  if (!(error instanceof EngineError)) return `${stackOf(error)}\n`;
  const cause = causeOf(error);
  return cause === '' ? `${error.message}\n` : `${error.message}\n  cause     ${cause}\n`;
}

/**
 * The cause, where it says more. Of a cause that is the user's own mistake (exit code 2) only the user's own stack frames are
 * shown; of a run that failed all are.
 */
function causeOf({ cause, received, exitCode }: EngineError): string {
  if (cause === undefined || cause instanceof EngineError) return '';
  if (exitCode === 1 || !(cause instanceof Error)) return stackOf(cause);
  const [message = ''] = cause.message.split('\n', 1);
  const frames = (cause.stack ?? '').split('\n').filter((line) => /^\s+at /.test(line) && isUsers(line));
  if (frames.length === 0 && received.includes(message)) return '';
  return [`${cause.name}: ${message}`, ...frames].join('\n');
}

/** Not of a library, of Node, or of the engine. */
function isUsers(frame: string): boolean {
  return !/node_modules|node:|[/\\]dist[/\\]|<anonymous>/.test(frame) && !OWN.some((folder) => frame.includes(folder));
}

/** This program and, in the engine's own repository, the packages that it is made of. */
const OWN = ['../', '../../../packages/'].map((path) => fileURLToPath(new URL(path, import.meta.url)));

function stackOf(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
