import { typeError } from '../values/exception.js';
import { asInteger, type NativeCall, type PyValue, typeName } from '../values/value.js';

/** A parameter's name; with `?` it may be left out. */
export type ParameterName = string;

/**
 * The arguments of a call in the order of the parameters; those left out are undefined.
 *
 * @throws TypeError (Python's) for arguments that do not fit
 */
export function bind(
  name: string,
  { args, named }: NativeCall,
  parameters: readonly ParameterName[],
): (PyValue | undefined)[] {
  if (args.length > parameters.length)
    throw typeError(`${name}() takes at most ${parameters.length} arguments (${args.length} given)`);
  const names = parameters.map((parameter) => parameter.replace('?', ''));
  for (const key of named.keys()) {
    const index = names.indexOf(key);
    if (index === -1) throw typeError(`${name}() got an unexpected keyword argument '${key}'`);
    if (index < args.length) throw typeError(`${name}() got multiple values for argument '${key}'`);
  }
  return parameters.map((parameter, index) => {
    const value = args[index] ?? (index < args.length ? args[index] : named.get(names[index] ?? ''));
    if (value === undefined && !parameter.endsWith('?'))
      throw typeError(`${name}() missing a required argument: '${parameter}'`);
    return value;
  });
}

/** @throws TypeError (Python's) */
export function integerArgument(value: PyValue | undefined, otherwise: bigint): bigint {
  if (value === undefined) return otherwise;
  const integer = asInteger(value);
  if (integer === undefined) throw typeError(`'${typeName(value)}' object cannot be interpreted as an integer`);
  return integer;
}

/** @throws TypeError (Python's) */
export function textArgument(name: string, value: PyValue | undefined): string {
  if (typeof value === 'string') return value;
  throw typeError(`${name}() expects a str, not ${value === undefined ? 'nothing' : typeName(value)}`);
}
