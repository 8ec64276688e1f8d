import { configText } from '../config-text.js';

/** MLflow's own limit of a value. */
const LONGEST_VALUE = 6000;

/**
 * A config as flat texts: nested keys joined with dots, lists with objects inside by place, other lists whole. Keys keep the characters
 * that MLflow allows, values their first 6000. With `only`, nothing but these keys and what is below them.
 */
export function flatParams(config: unknown, only?: readonly string[]): Map<string, string> {
  const params = new Map<string, string>();
  add(params, '', typeof config === 'string' ? { config } : (JSON.parse(configText(config)) as unknown));
  const wanted = (key: string) => only?.some((name) => key === name || key.startsWith(`${name}.`)) ?? true;
  return new Map([...params].filter(([key]) => wanted(key)));
}

function add(params: Map<string, string>, key: string, value: unknown): void {
  const isNested = Array.isArray(value) ? value.some(isObject) : isObject(value);
  if (isNested) {
    for (const [name, item] of Object.entries(value as object)) add(params, key === '' ? name : `${key}.${name}`, item);
    return;
  }
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  params.set(key.replaceAll(/[^\w\-. /]/g, '_').slice(0, 250), text.slice(0, LONGEST_VALUE));
}

const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null;
