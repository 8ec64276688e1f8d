import { describeStorage } from '@engine/fileio/testing';
import { describe, expect, it } from 'vitest';
import { type ObjectClient, ObjectStorage } from './files/object-storage.js';

/** An object store in this process. */
class Bucket implements ObjectClient {
  readonly objects = new Map<string, Uint8Array>();

  async get(key: string): Promise<Uint8Array | undefined> {
    return this.objects.get(key)?.slice();
  }
  async put(key: string, bytes: Uint8Array, { ifAbsent = false } = {}): Promise<boolean> {
    if (ifAbsent && this.objects.has(key)) return false;
    this.objects.set(key, bytes.slice());
    return true;
  }
  async delete(key: string): Promise<void> {
    this.objects.delete(key);
  }
  async list(prefix: string): Promise<{ key: string; size: number }[]> {
    return [...this.objects]
      .filter(([key]) => key.startsWith(prefix))
      .map(([key, { length }]) => ({ key, size: length }));
  }
}

describeStorage('objects', () => ({ storage: new ObjectStorage(new Bucket()), root: 's3://bucket/work dir' }));

describe('ObjectStorage', () => {
  it('uses the path of a URI as key', async () => {
    const bucket = new Bucket();
    const storage = new ObjectStorage(bucket);
    await storage.put(storage.join('s3://bucket/runs', 'a', 'net.safetensors'), new Uint8Array(3));
    expect([...bucket.objects.keys()]).toEqual(['bucket/runs/a/net.safetensors']);
    expect(storage.resolve('s3://bucket/runs/../a')).toBe('s3://bucket/a');
  });
});
