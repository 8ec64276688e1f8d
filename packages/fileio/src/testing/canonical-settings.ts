// Of the registry's type, which stands above this package.
/** Settings of this package's entries, for tests and benchmarks. */
export const canonicalSettings = {
  'storageBackend/HttpStorage': {
    options: {
      headers: { 'X-Client': 'engine' },
      tokenFrom: 'PATH',
      timeout: 1000,
      retries: 2,
      backoff: 10,
      cacheFolder: '/tmp/engine',
    },
  },
  'storageBackend/LocalStorage': { options: {} },
  'storageBackend/MemoryStorage': { options: {} },
};
