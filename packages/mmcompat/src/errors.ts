import { defineErrors } from '@engine/core/plain';

export const mmcompatErrors = defineErrors('MMCOMPAT', {
  SYNTAX: {
    kind: 'file',
    doc: 'A `.py` config is not valid Python, or a JSON or YAML file among its bases is not valid.',
  },
  UNSUPPORTED: { kind: 'file', doc: 'A `.py` config uses a part of Python that configs have no need for.' },
  TOO_MANY_STEPS: { kind: 'value', doc: 'A `.py` config runs for too long.' },
  TOO_LARGE: { kind: 'value', doc: 'A `.py` config makes values that are too large, or is itself too large a file.' },
  TOO_DEEP: { kind: 'value', doc: 'A `.py` config nests expressions, calls or bases too deeply.' },
  UNDEFINED_NAME: { kind: 'key', doc: 'A `.py` config uses a name that nothing defines (a NameError in Python).' },
  NO_ATTRIBUTE: {
    kind: 'key',
    doc: 'A `.py` config asks for an attribute that a value does not have (an AttributeError in Python).',
  },
  NO_KEY: { kind: 'key', doc: 'A `.py` config asks for a key that a dict does not have (a KeyError in Python).' },
  NO_INDEX: {
    kind: 'key',
    doc: 'A `.py` config asks for an element beyond the end of a list (an IndexError in Python).',
  },
  BAD_TYPE: {
    kind: 'type',
    doc: 'An operation or function in a `.py` config does not take values of this type (a TypeError in Python).',
  },
  BAD_VALUE: {
    kind: 'value',
    doc: 'An operation or function in a `.py` config does not take this value (a ValueError in Python).',
  },
  BAD_NUMBER: { kind: 'value', doc: 'A `.py` config divides by zero or computes a number that is too large.' },
  ASSERTION: { kind: 'value', doc: 'An `assert` in a `.py` config does not hold.' },
  RAISED: { kind: 'value', doc: 'A `.py` config raises an exception itself.' },
  CANNOT_IMPORT: { kind: 'dependency', doc: 'A `.py` config imports something that is not available to configs.' },
  CUSTOM_IMPORT_FAILED: {
    kind: 'dependency',
    doc: 'A module that `custom_imports` of a `.py` config names does not exist.',
  },
  FILE_NOT_FOUND: { kind: 'file', doc: 'A config or one of its bases does not exist.' },
  NOT_UTF8: { kind: 'file', doc: 'A config is not UTF-8 text.' },
  UNREADABLE: { kind: 'file', doc: 'A config exists but cannot be read.' },
  UNKNOWN_FORMAT: { kind: 'file', doc: 'A config is neither `.py` nor `.json` nor `.yaml`.' },
  NOT_A_MAPPING: { kind: 'type', doc: 'A config is a list or a single value instead of keys with values.' },
  BAD_BASE: {
    kind: 'type',
    doc: '`_base_` is neither a path nor a list of paths, or a path is not of the form it should be.',
  },
  CIRCULAR_BASE: { kind: 'file', doc: 'A config extends itself, directly or through others.' },
  DUPLICATE_KEY: { kind: 'key', doc: 'Two bases of one config define the same top-level key.' },
  MERGE_TYPE: { kind: 'type', doc: 'A config gives keys for something that is not a dict in the config it extends.' },
  BAD_INDEX: { kind: 'key', doc: 'An override addresses a list element that does not exist.' },
  UNKNOWN_PACKAGE: { kind: 'value', doc: 'A base `package::path` names a package that has no configs to extend.' },
  NO_PACKAGE: {
    kind: 'dependency',
    doc: 'A base `package::path` names a package that is not found on the package path.',
  },
  OUTSIDE_PACKAGE: { kind: 'value', doc: 'A base `package::path` leads out of the package.' },
  MIXED_STYLES: {
    kind: 'file',
    doc: 'A config with `_base_` extends one with `with read_base()`, or the other way round.',
  },
  BAD_IMPORT: {
    kind: 'file',
    doc: 'A new-style config imports in a way that is not allowed, or from a config that does not exist.',
  },
  EMBEDDED_REFERENCE: { kind: 'value', doc: 'A `{{_base_.path}}` reference stands inside a longer text.' },
  MISSING_ENV: { kind: 'key', doc: 'A `{{$NAME:default}}` variable is not set and has no default.' },
  RESERVED_KEY: { kind: 'key', doc: 'A config has a top-level key that means something else.' },
  BAD_OPTION: {
    kind: 'value',
    doc: 'An argument of `--cfg-options` is not of the form key=value, or its brackets do not match.',
  },
  NOT_PRINTABLE: { kind: 'value', doc: 'A config holds a value or key that Python source cannot spell.' },
});
