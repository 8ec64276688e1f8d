import type { CliCommand } from '../../command.js';
import { exitCodes } from '../../io.js';

export const command: CliCommand = {
  name: 'doctor',
  summary: 'say what the native backends find on this machine, what is missing and what to do about it',
  configure(target, io, finish) {
    target.option('--json', 'print the findings as JSON').action(async ({ json }: { json?: true }) => {
      const { examineNative } = await import('@engine/native/install');
      const { renderFindings } = await import('../../doctor/render.js');
      const findings = await examineNative();
      const isMissing = findings.some(({ state }) => state === 'missing');
      io.stdout.write(
        json
          ? `${JSON.stringify(findings, null, 2)}\n`
          : renderFindings(findings, { colour: io.stdout.isTTY === true }),
      );
      finish(isMissing ? exitCodes.failed : exitCodes.done);
    });
  },
};
