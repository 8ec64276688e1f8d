import { EngineError } from '@engine/core/plain';
import { findLibrary } from '../find-library.js';
import { here, type Surroundings } from '../folders.js';
import { TensorFlow } from '../tensor-flow.js';
import type { NativeFinding } from './doctor.js';

/** Loads the library that is found, and says its version and the devices that it sees. It stays loaded until the process ends. */
export function tryLibrary(surroundings: Surroundings = here()): NativeFinding {
  const what = 'TensorFlow';
  const action = 'for the fastest backend on this CPU: engine backend install node';
  try {
    const library = findLibrary('cuda', surroundings) ?? findLibrary('node', surroundings);
    if (library === undefined) return { what, state: 'note', found: 'no library', action };
    const runtime = new TensorFlow(library);
    const devices = runtime.devices.map(({ name }) => name.replace(/^.*\/device:/, '').toLowerCase());
    runtime.close();
    return { what, state: 'ok', found: `${runtime.version} on ${devices.join(', ')}` };
  } catch (error) {
    if (!(error instanceof EngineError)) throw error;
    return { what, state: 'note', found: `cannot be loaded: ${error.received}`, action: error.action };
  }
}
