import type { Facts, RunRecord } from './read-run.ts';

/** Characters of a value that are shown. */
const SHOWN = 80;

/** What differs between an undisturbed run and one that was killed and resumed; empty when they are the same to the bit. */
export function differences(expected: RunRecord, actual: RunRecord): string[] {
  const [names, kept] = [expected.checkpoints, actual.checkpoints].map((files) => [...files.keys()].join(', '));
  return [
    ...rowDifferences(expected.rows, actual.rows),
    ...(names === kept ? [] : [`the checkpoints kept are ${kept} instead of ${names}`]),
    ...[...expected.checkpoints].flatMap(([name, facts]) => factDifferences(name, facts, actual.checkpoints.get(name))),
    ...(expected.last === actual.last ? [] : [`last_checkpoint says ${actual.last} instead of ${expected.last}`]),
    ...[...actual.complaints]
      .filter((line) => !expected.complaints.has(line))
      .map((line) => `logged only there: ${line}`),
  ];
}

function rowDifferences(expected: RunRecord['rows'], actual: RunRecord['rows']): string[] {
  const found: string[] = [];
  for (const [key, [row = '']] of expected) {
    const seen = actual.get(key);
    if (seen === undefined) found.push(`${key}: nothing was logged`);
    for (const other of new Set(seen)) if (other !== row) found.push(`${key}: ${other} was logged instead of ${row}`);
  }
  for (const key of actual.keys()) if (!expected.has(key)) found.push(`${key}: was not logged by the undisturbed run`);
  return found;
}

function factDifferences(file: string, expected: Facts, actual: Facts | undefined): string[] {
  if (actual === undefined) return [];
  const names = [...new Set([...expected.keys(), ...actual.keys()])];
  return names
    .filter((name) => expected.get(name) !== actual.get(name))
    .map((name) => `${file}: ${name} is ${show(actual.get(name))} instead of ${show(expected.get(name))}`);
}

function show(value = 'missing'): string {
  return value.length > SHOWN ? `${value.slice(0, SHOWN)}...` : value;
}
