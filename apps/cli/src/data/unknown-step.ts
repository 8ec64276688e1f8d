import { cliErrors } from '../errors.js';
import type { Step } from './step-log.js';

export function unknownStep(wanted: string, steps: readonly Step[]): Error {
  return cliErrors.UNKNOWN_STEP({
    subject: `--step ${wanted}`,
    expected:
      steps.length === 0
        ? 'no step: the dataset has no pipeline'
        : `one of ${steps.map(({ name }) => name).join(', ')}`,
    received: wanted,
    action: 'give the place or the name of a transform of the pipeline',
  });
}
