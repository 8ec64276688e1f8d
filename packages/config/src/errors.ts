import { defineErrors } from '@engine/core/plain';

export const configErrors = defineErrors('CONFIG', {
  UNKNOWN_FORMAT: { kind: 'file', doc: 'A config file has an extension that no loader knows.' },
  FILE_NOT_FOUND: { kind: 'file', doc: 'A config file, or a file that it extends, does not exist.' },
  UNREADABLE: { kind: 'file', doc: 'A config file exists but could not be read.' },
  TOO_LARGE: { kind: 'file', doc: 'A config file is larger than any config is.' },
  NOT_UTF8: { kind: 'file', doc: 'A config file is not text in UTF-8.' },
  SYNTAX: { kind: 'file', doc: 'A config file is not valid JSON, YAML or TOML.' },
  TOO_DEEP: { kind: 'value', doc: 'A config nests deeper than 200 levels, or contains itself.' },
  NOT_A_MAPPING: { kind: 'type', doc: 'A config is a list or a single value instead of keys with values.' },
  MODULE_FAILED: { kind: 'file', doc: 'A TypeScript or JavaScript config could not be run.' },
  NO_DEFAULT_EXPORT: { kind: 'key', doc: 'A TypeScript or JavaScript config has no default export.' },
  NO_MODULES: {
    kind: 'dependency',
    doc: 'A TypeScript or JavaScript config is loaded with a reader that cannot run modules.',
  },
  BAD_BASE: { kind: 'type', doc: '`_base_` is neither a path nor a list of paths.' },
  BAD_PACKAGE_PATH: {
    kind: 'value',
    doc: 'A base in another package is not written as package::path, or its path leads out of the package.',
  },
  PACKAGE_NOT_FOUND: { kind: 'dependency', doc: 'The package of a base `package::path` is not installed.' },
  BAD_DEPRECATION: { kind: 'type', doc: '`_deprecation_` is not an object with `expected` and `reference`.' },
  BAD_IMPORTS: {
    kind: 'type',
    doc: '`customImports` is neither a list of names nor `{ imports, allowFailedImports }`.',
  },
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
  BAD_FLAG: {
    kind: 'value',
    doc: 'A command line option made from a config has a value of another type than the config.',
  },
  NOT_IN_TOML: { kind: 'value', doc: 'A config that holds null is written as TOML, which has none.' },
  UNKNOWN_KEY: { kind: 'key', doc: 'A top-level key is a misspelling of one that the engine knows.' },
  NO_SUCH_VALUE: { kind: 'key', doc: '`pick` is asked for a path that the other config does not have.' },
  REMOTE_CODE: { kind: 'value', doc: 'A config that is a program is given by a web address.' },
});
