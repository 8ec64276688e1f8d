import { defineErrors } from '@engine/core';

export const configErrors = defineErrors('CONFIG', {
  UNKNOWN_FORMAT: { kind: 'file', doc: 'A config file has an extension that no loader knows.' },
  FILE_NOT_FOUND: { kind: 'file', doc: 'A config file, or a file that it extends, does not exist.' },
  UNREADABLE: { kind: 'file', doc: 'A config file exists but could not be read.' },
  SYNTAX: { kind: 'file', doc: 'A config file is not valid JSON or YAML.' },
  NOT_A_MAPPING: { kind: 'type', doc: 'A config is a list or a single value instead of keys with values.' },
  MODULE_FAILED: { kind: 'file', doc: 'A TypeScript or JavaScript config could not be run.' },
  NO_DEFAULT_EXPORT: { kind: 'key', doc: 'A TypeScript or JavaScript config has no default export.' },
  NO_MODULES: {
    kind: 'dependency',
    doc: 'A TypeScript or JavaScript config is loaded with a reader that cannot run modules.',
  },
  BAD_BASE: { kind: 'type', doc: '`_base_` is neither a path nor a list of paths.' },
  CIRCULAR_BASE: { kind: 'file', doc: 'A config extends itself, directly or through others.' },
  DUPLICATE_KEY: { kind: 'key', doc: 'Two bases of one config define the same top-level key.' },
  MERGE_TYPE: {
    kind: 'type',
    doc: 'A config gives keys for something that is not an object in the config it extends.',
  },
  BAD_INDEX: { kind: 'key', doc: 'An override addresses a list element that does not exist.' },
  UNKNOWN_BASE_KEY: { kind: 'key', doc: 'A `{{_base_.path}}` reference names a value that no base has.' },
  EMBEDDED_REFERENCE: { kind: 'value', doc: 'A `{{_base_.path}}` reference stands inside a longer text.' },
  MISSING_ENV: { kind: 'key', doc: 'A `{{$NAME:default}}` variable is not set and has no default.' },
  BAD_OPTION: {
    kind: 'value',
    doc: 'An argument of `--cfg-options` is not of the form key=value, or its brackets do not match.',
  },
  UNKNOWN_KEY: { kind: 'key', doc: 'A top-level key is a misspelling of one that the engine knows.' },
});
