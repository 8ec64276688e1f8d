import { hooksErrors } from './errors.js';

/** Named levels; lower numbers are called earlier. Hooks of equal priority keep their order of registration. */
export const priorities = {
  HIGHEST: 0,
  VERY_HIGH: 10,
  HIGH: 30,
  ABOVE_NORMAL: 40,
  NORMAL: 50,
  BELOW_NORMAL: 60,
  LOW: 70,
  VERY_LOW: 90,
  LOWEST: 100,
} as const;

export type PriorityName = keyof typeof priorities;
/** A level's name or a number from 0 to 100. */
export type Priority = PriorityName | number;

/** The number of a priority; names in any case. @throws `ENGINE_HOOKS_BAD_PRIORITY`, `_UNKNOWN_PRIORITY`, `_BAD_PRIORITY_TYPE` */
export function priorityValue(priority: string | number): number {
  if (Number.isInteger(priority) && Number(priority) >= 0 && Number(priority) <= 100) return Number(priority);
  const name = typeof priority === 'string' ? priority.toUpperCase() : '';
  if (name in priorities) return priorities[name as PriorityName];
  const error =
    typeof priority === 'string'
      ? hooksErrors.UNKNOWN_PRIORITY
      : Number.isInteger(priority)
        ? hooksErrors.BAD_PRIORITY
        : hooksErrors.BAD_PRIORITY_TYPE;
  throw error({
    expected: `an integer from 0 to 100 or one of ${Object.keys(priorities).join(', ')}`,
    received: `priority = ${JSON.stringify(priority)}`,
    action: 'choose one of these levels',
  });
}

/** The level's name where the number has one, else the number as text. */
export function priorityLabel(priority: number): string {
  return Object.entries(priorities).find(([, value]) => value === priority)?.[0] ?? String(priority);
}
