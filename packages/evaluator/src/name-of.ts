import { entryOf } from '@engine/core';

/** What to call a metric in a message: the name of its class's entry (bundlers rename classes), else its class. */
export function nameOf(metric: object): string {
  const type = metric.constructor;
  return (Object.hasOwn(type, 'entry') ? entryOf(type)?.name : undefined) ?? type.name;
}
