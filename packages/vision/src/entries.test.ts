import { cpu } from '@engine/backend-cpu';
import { type EntryLike, entryOf } from '@engine/core';
import { describeEntries } from '@engine/registry/testing';
import { beforeAll, expect, it } from 'vitest';
import * as vision from './index.js';
import { canonicalSettings } from './testing/index.js';

beforeAll(() => cpu().init());

const entries = Object.values<unknown>(vision).filter((value): value is EntryLike => entryOf(value) !== undefined);

it('exports its entries', () => {
  expect(entries).toContain(vision.MNIST);
});

describeEntries(entries, canonicalSettings);
