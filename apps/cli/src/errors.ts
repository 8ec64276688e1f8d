import { defineErrors } from '@engine/core/plain';

export const cliErrors = defineErrors('CLI', {
  NO_CONFIG: { kind: 'value', doc: 'A command that works on configs is given none.' },
  FILE_NOT_FOUND: { kind: 'file', doc: 'A file named on the command line does not exist.' },
  IMPORT_FAILED: {
    kind: 'file',
    doc: 'A module that a config names in `customImports`, or a backend, throws when it is imported.',
  },
  FILE_EXISTS: { kind: 'file', doc: '`engine migrate --out` names a file that exists.' },
  UNKNOWN_ENTRY: {
    kind: 'value',
    doc: '`engine registry` is asked for a kind or an entry that nothing is registered under.',
  },
  UNKNOWN_CONFIG_KEY: { kind: 'key', doc: '`engine config explain` is asked for a key that a config does not have.' },
  UNKNOWN_BACKEND: { kind: 'value', doc: '`--backend` names a backend that is not installed.' },
  NO_SECTION: { kind: 'key', doc: 'The data of a split is to be looked at, and the config has none.' },
  UNKNOWN_STEP: { kind: 'value', doc: '`--step` names no step of the pipeline of the dataset.' },
  ENDLESS_DATA: { kind: 'value', doc: '`engine dataset stats` is to look at all samples of a stream that has no end.' },
  NO_PICTURE: { kind: 'value', doc: '`engine browse` finds no image in any sample.' },
  CHECKPOINTS_DIFFER: { kind: 'value', doc: 'Checkpoints that are to be averaged have other weights.' },
  BAD_CONVERSION: {
    kind: 'value',
    doc: '`engine checkpoint convert` is told both or none of `--to` and `--from`, or weights do not fit the model of `--like`.',
  },
  BAD_PICTURE: { kind: 'value', doc: 'A picture is to be written to a file whose name does not say SVG or PNG.' },
  NO_PNG: { kind: 'dependency', doc: 'A PNG is to be drawn, but the optional package that draws it is not installed.' },
});
