/**
 * Kinds of MMEngine that no package of ours owns a contract for: registering and building work, and what is built is the business of
 * whoever asked for it.
 */
declare module '@engine/core' {
  interface Kinds {
    runner: unknown;
    runnerConstructor: unknown;
    strategy: unknown;
    modelWrapper: unknown;
    taskUtil: unknown;
    inferencer: unknown;
    function: unknown;
  }
}

export {};
