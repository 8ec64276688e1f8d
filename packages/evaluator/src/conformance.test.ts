import { type EntryLike, entryOf } from '@engine/core';
import { describeEntries } from '@engine/registry/testing';
import * as evaluator from './index.js';
import { canonicalSettings } from './testing/index.js';

describeEntries(
  Object.values(evaluator).filter((value): value is Extract<typeof value, EntryLike> => entryOf(value) !== undefined),
  canonicalSettings,
);
