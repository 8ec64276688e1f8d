import type { PythonSource } from '../syntax/source.js';

/** A place in a Python file; turned into a line and a column when somebody asks. */
export interface Site {
  readonly source: PythonSource;
  readonly start: number;
}

/** Python's exceptions that a config can meet. What goes out of this package is the coded error of `failure.ts` instead. */
export type ExceptionName =
  | 'ArithmeticError'
  | 'AssertionError'
  | 'AttributeError'
  | 'Exception'
  | 'FileNotFoundError'
  | 'ImportError'
  | 'IndexError'
  | 'KeyError'
  | 'LookupError'
  | 'ModuleNotFoundError'
  | 'NameError'
  | 'NotImplementedError'
  | 'OSError'
  | 'OverflowError'
  | 'RuntimeError'
  | 'StopIteration'
  | 'TypeError'
  | 'UnboundLocalError'
  | 'ValueError'
  | 'ZeroDivisionError';

/** Each exception's next more general one. */
export const EXCEPTION_PARENTS: Readonly<Record<ExceptionName, ExceptionName | undefined>> = {
  Exception: undefined,
  ArithmeticError: 'Exception',
  AssertionError: 'Exception',
  AttributeError: 'Exception',
  FileNotFoundError: 'OSError',
  ImportError: 'Exception',
  IndexError: 'LookupError',
  KeyError: 'LookupError',
  LookupError: 'Exception',
  ModuleNotFoundError: 'ImportError',
  NameError: 'Exception',
  NotImplementedError: 'RuntimeError',
  OSError: 'Exception',
  OverflowError: 'ArithmeticError',
  RuntimeError: 'Exception',
  StopIteration: 'Exception',
  TypeError: 'Exception',
  UnboundLocalError: 'NameError',
  ValueError: 'Exception',
  ZeroDivisionError: 'ArithmeticError',
};

/** An exception on its way through Python code, which may catch it. */
export class PythonException extends Error {
  readonly type: ExceptionName;
  /** Where it was raised; filled in on the way out. */
  site: Site | undefined;

  constructor(type: ExceptionName, message: string) {
    super(message);
    this.type = type;
  }

  /** Whether `except name` catches it. */
  is(name: ExceptionName): boolean {
    let type: ExceptionName | undefined = this.type;
    while (type !== undefined && type !== name) type = EXCEPTION_PARENTS[type];
    return type === name;
  }
}

export const typeError = (message: string) => new PythonException('TypeError', message);
export const valueError = (message: string) => new PythonException('ValueError', message);
export const keyError = (message: string) => new PythonException('KeyError', message);
export const indexError = (message: string) => new PythonException('IndexError', message);
export const attributeError = (message: string) => new PythonException('AttributeError', message);
export const zeroDivision = (message: string) => new PythonException('ZeroDivisionError', message);
