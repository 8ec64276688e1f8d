import type { CliCommand } from '../command.js';
import { exitCodes } from '../io.js';

export const command: CliCommand = {
  name: 'doctor',
  summary: 'say what this machine has, what is missing and what to do about it',
  configure(target, io, finish) {
    target.option('--json', 'print the findings as JSON').action(async ({ json }: { json?: true }) => {
      const { examine } = await import('../doctor/examine.js');
      const { renderFindings } = await import('../doctor/render.js');
      const findings = await examine(io.cwd);
      io.stdout.write(
        json
          ? `${JSON.stringify(findings, null, 2)}\n`
          : renderFindings(findings, { colour: io.stdout.isTTY === true }),
      );
      finish(findings.some(({ state }) => state === 'missing') ? exitCodes.failed : exitCodes.done);
    });
  },
};
