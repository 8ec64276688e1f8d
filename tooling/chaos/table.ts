import { phases } from './beacon.ts';
import type { ChaosResult, Landing } from './chaos.ts';
import { leftovers } from './leftovers.ts';

const LABELS: Readonly<Record<string, string>> = {
  startup: 'start-up',
  saving: 'inside a save',
  half: '  half a checkpoint left',
  unnamed: '  a whole one, not named yet',
  surplus: '  an old one not removed yet',
};

/** Where the kills of each job have landed: by phase, by what a kill inside a save left, and by tenth of the run. */
export function landingTable(results: ReadonlyMap<string, ChaosResult>): string[] {
  const columns = [...results.values(), merged(results)];
  const line = (label: string, cells: readonly string[]): string =>
    `${label.padEnd(30)}${cells.map((cell) => cell.padStart(12)).join('')}`;
  const counts = (label: string, isMeant: (landing: Landing) => boolean): string =>
    line(
      LABELS[label] ?? label,
      columns.map(({ landings }) => String(landings.filter(isMeant).length)),
    );
  return [
    line('kills', [...results.keys(), 'all']),
    ...phases.map((each) => counts(each, ({ phase }) => phase === each)),
    ...leftovers.map((each) => counts(each, ({ left }) => left === each)),
    ...[...results].map(([name, result]) => `${`by tenth of ${name}`.padEnd(30)}  ${tenths(result).join(' ')}`),
  ];
}

function merged(results: ReadonlyMap<string, ChaosResult>): Pick<ChaosResult, 'landings'> {
  return { landings: [...results.values()].flatMap(({ landings }) => landings) };
}

/** Kills in each tenth of the run; one in start-up is where the one before was. */
function tenths({ landings, iterations }: ChaosResult): number[] {
  const counts = Array.from({ length: 10 }, () => 0);
  let at = 0;
  for (const { iter } of landings) {
    at = Math.max(at, iter);
    const tenth = Math.min(9, Math.floor((10 * at) / iterations));
    counts[tenth] = (counts[tenth] as number) + 1;
  }
  return counts;
}
