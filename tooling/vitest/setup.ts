import { afterAll, afterEach, beforeAll, beforeEach, expect } from 'vitest';

/** TensorFlow.js keeps its one engine here; reading it costs a test file that has no tensors nothing. */
interface TensorFlowGlobal {
  _tfengine?: { state: { numTensors: number } };
}

const liveTensors = (): number => (globalThis as TensorFlowGlobal)._tfengine?.state.numTensors ?? 0;

/** TensorFlow.js's advertisement for its native backend, printed by its CPU backend at the first op. */
const BANNER = 'you are running TensorFlow.js in Node.js';

const METHODS = ['debug', 'error', 'info', 'log', 'trace', 'warn'] as const;
const printed: string[] = [];
let before = 0;
let beforeFile = 0;
let growth: string[] = [];

for (const method of METHODS) {
  const print: (...args: unknown[]) => void = console[method].bind(console);
  console[method] = (...args: unknown[]) => {
    if (String(args[0]).includes(BANNER)) return;
    printed.push(`console.${method}(${args.map(String).join(', ')})`);
    print(...args);
  };
}

beforeAll(() => {
  beforeFile = liveTensors();
  growth = [];
});

beforeEach(() => {
  before = liveTensors();
});

afterEach(() => {
  const more = liveTensors() - before;
  if (more > 0) growth.push(`${more} in "${expect.getState().currentTestName}"`);
  const lines = printed.splice(0);
  if (lines.length > 0)
    throw new Error(`A test prints nothing; capture what it is about to print. Printed:\n${lines.join('\n')}`);
});

afterAll(() => {
  const leaked = liveTensors() - beforeFile;
  if (leaked > 0)
    throw new Error(
      `${leaked} tensors are still alive after the tests of this file; their number grew by ${growth.join(', ') || 'nothing in any single test'}`,
    );
});
