/** Settings of this package's entry, for tests and benchmarks. */
export const canonicalSettings = {
  'logProcessor/LogProcessor': {
    options: {
      windowSize: 20,
      byEpoch: false,
      customCfg: [{ dataSrc: 'loss', logName: 'lossMax', methodName: 'max', windowSize: 'global' }],
      numDigits: 3,
      meanPattern: 'loss',
    },
  },
} as const;
