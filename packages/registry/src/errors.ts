import { defineErrors } from '@engine/core/plain';

export const registryErrors = defineErrors('REGISTRY', {
  DUPLICATE: { kind: 'key', doc: 'Two entries of one kind are registered under the same name.' },
  DUPLICATE_SCOPE: { kind: 'key', doc: 'Two registries under the same parent have the same scope.' },
  OPEN_SCHEMA: {
    kind: 'value',
    doc: 'An entry is registered whose options schema lets unknown keys through, so typing errors would go unnoticed.',
  },
  ASYNC_SCHEMA: {
    kind: 'type',
    doc: 'The options schema of an entry answers with a promise; building is synchronous.',
  },
  NOT_AN_ENTRY: {
    kind: 'type',
    doc: 'Something is registered or named as `type` that is neither an entry nor a class with its own `static entry`.',
  },
  WRONG_KIND: {
    kind: 'type',
    doc: 'The `type` of a config is an entry of another kind, e.g. a hook where an optimizer belongs.',
  },
  BAD_CONFIG: { kind: 'type', doc: 'What is to be built is neither a built object nor a config with a `type`.' },
  MISSING_TYPE: { kind: 'key', doc: 'A config object that is to be built has no `type`.' },
  UNKNOWN_NAME: { kind: 'key', doc: 'No entry of the kind is registered under the name that `type` gives.' },
  UNKNOWN_OPTION: { kind: 'key', doc: 'A config has an option that the thing it configures does not know.' },
  MISSING_OPTION: { kind: 'key', doc: 'A config lacks an option that has no default.' },
  BOTH_SPELLINGS: { kind: 'key', doc: 'An option is given in camelCase and in snake_case at the same time.' },
  BAD_OPTION_TYPE: { kind: 'type', doc: 'An option has a value of the wrong type.' },
  BAD_OPTION_VALUE: { kind: 'value', doc: 'An option has a value of the right type that is not allowed.' },
});
