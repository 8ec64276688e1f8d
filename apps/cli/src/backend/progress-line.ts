import { basename } from 'node:path';
import type { TextOutput } from '@engine/logging';
import type { Progress } from '@engine/native/install';

const MIB = 2 ** 20;
const WORDS = { fetch: 'fetching', verify: 'verifying', unpack: 'unpacking' } as const;

/** Shows how far an installation is: one line that changes on a terminal, one line a part elsewhere. */
export function progressLine(output: TextOutput): { show(progress: Progress): void; end(): void } {
  const isLive = output.isTTY === true;
  let shown = '';
  const end = (): void => {
    if (isLive && shown !== '') output.write(`\r${' '.repeat(shown.length)}\r`);
    shown = '';
  };
  return {
    show({ what, file, done, total }) {
      const step = `${WORDS[what]} ${basename(file)}`;
      const text = isLive ? `${step}${amount(done, total)}` : step;
      if (text === shown) return;
      output.write(isLive ? `\r${text.padEnd(shown.length)}` : `${text}\n`);
      shown = text;
    },
    end,
  };
}

function amount(done: number | undefined, total: number | undefined): string {
  if (done === undefined) return ' ...';
  const soFar = (done / MIB).toFixed(0);
  return total === undefined ? `  ${soFar} MiB` : `  ${soFar} of ${(total / MIB).toFixed(0)} MiB`;
}
