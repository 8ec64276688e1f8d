// bucket-storage.ts
import { defineStorage, MemoryStorage } from '@engine/fileio';
import * as z from 'zod/mini';

/** Keeps files in memory in place of your cloud's client: replace the base class by `implements StorageBackend`. */
class BucketStorage extends MemoryStorage {
  constructor(readonly bucket: string) {
    super();
  }
}

const options = z.strictObject({ bucket: z.string() });
export const bucketStorageEntry = defineStorage({
  name: 'BucketStorage',
  options,
  create: ({ bucket }) => new BucketStorage(bucket),
  module: 'their-package',
  export: 'bucketStorageEntry',
  doc: 'Files of a bucket.',
});
