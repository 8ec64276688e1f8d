import type { EngineError, ErrorFactory, SourceLocation } from '@engine/core';
import { mmcompatErrors as errors } from './errors.js';
import { tooDeep } from './run/budget.js';
import { type ExceptionName, PythonException } from './values/exception.js';

/** What each exception of Python is here, and what to do about it. */
const RAISED: Readonly<Partial<Record<ExceptionName, readonly [ErrorFactory, string, string]>>> = {
  NameError: [
    errors.UNDEFINED_NAME,
    'a name that is defined before it is used',
    'define the name, or correct its spelling',
  ],
  UnboundLocalError: [errors.UNDEFINED_NAME, 'a name that is defined before it is used', 'give the name a value first'],
  AttributeError: [
    errors.NO_ATTRIBUTE,
    'an attribute that the value has',
    'correct the name; plain dicts have keys, not attributes',
  ],
  KeyError: [errors.NO_KEY, 'a key that the dict has', 'correct the key'],
  IndexError: [errors.NO_INDEX, 'an index below the length', 'correct the index'],
  TypeError: [errors.BAD_TYPE, 'a value of a type that fits', 'correct the value or the operation'],
  ValueError: [errors.BAD_VALUE, 'a value that fits', 'correct the value'],
  ZeroDivisionError: [errors.BAD_NUMBER, 'a number that can be computed', 'correct the divisor'],
  OverflowError: [errors.BAD_NUMBER, 'a number that can be computed', 'make the numbers smaller'],
  ArithmeticError: [errors.BAD_NUMBER, 'a number that can be computed', 'correct the numbers'],
  AssertionError: [errors.ASSERTION, 'an assertion that holds', 'correct the values that it is about'],
  ImportError: [
    errors.CANNOT_IMPORT,
    'an import that configs may make',
    'leave the import out, or write the value out',
  ],
  ModuleNotFoundError: [
    errors.CANNOT_IMPORT,
    'an import that configs may make',
    'leave the import out, or write the value out',
  ],
};

/** The coded error for whatever went wrong while `file` was read. */
export function codedError(error: unknown, file: string): unknown {
  if (error instanceof RangeError) return tooDeep('values or calls without end');
  if (!(error instanceof PythonException)) return error;
  const [make, expected, action] = RAISED[error.type] ?? [
    errors.RAISED,
    'a config that raises nothing',
    'correct what the exception is about',
  ];
  const at: SourceLocation = error.site === undefined ? { file } : error.site.source.locate(error.site.start);
  return make({ subject: file, expected, received: `${error.type}: ${error.message}`, action, at, cause: error });
}

/** Runs something on behalf of `file`; what it throws has a code. */
export function coded<T>(file: string, run: () => T): T {
  try {
    return run();
  } catch (error) {
    throw codedError(error, file);
  }
}

const PYTHON_TYPES: Readonly<Record<string, string>> = Object.fromEntries(
  (
    [
      [errors.SYNTAX, 'SyntaxError'],
      [errors.UNSUPPORTED, 'RuntimeError'],
      [errors.TOO_MANY_STEPS, 'RuntimeError'],
      [errors.TOO_LARGE, 'MemoryError'],
      [errors.TOO_DEEP, 'RecursionError'],
      [errors.CUSTOM_IMPORT_FAILED, 'ImportError'],
      [errors.FILE_NOT_FOUND, 'FileNotFoundError'],
      [errors.NOT_UTF8, 'UnicodeDecodeError'],
      [errors.UNREADABLE, 'OSError'],
      [errors.UNKNOWN_FORMAT, 'OSError'],
      [errors.NOT_A_MAPPING, 'TypeError'],
      [errors.BAD_BASE, 'ValueError'],
      [errors.CIRCULAR_BASE, 'RecursionError'],
      [errors.DUPLICATE_KEY, 'KeyError'],
      [errors.MERGE_TYPE, 'TypeError'],
      [errors.BAD_INDEX, 'KeyError'],
      [errors.UNKNOWN_PACKAGE, 'AssertionError'],
      [errors.NO_PACKAGE, 'ModuleNotFoundError'],
      [errors.OUTSIDE_PACKAGE, 'ValueError'],
      [errors.MIXED_STYLES, 'RuntimeError'],
      [errors.BAD_IMPORT, 'ConfigParsingError'],
      [errors.EMBEDDED_REFERENCE, 'ValueError'],
      [errors.MISSING_ENV, 'KeyError'],
      [errors.RESERVED_KEY, 'KeyError'],
      [errors.BAD_OPTION, 'ValueError'],
      [errors.NOT_PRINTABLE, 'SyntaxError'],
    ] as const
  ).map(([factory, type]) => [factory.code, type]),
);

/** The exception that Python would raise in the place of an error of this package. */
export function pythonTypeOf(error: EngineError): string {
  if (error.cause instanceof PythonException) return error.cause.type;
  return PYTHON_TYPES[error.code] ?? 'Exception';
}
