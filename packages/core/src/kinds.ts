/** Kind of entry → what building one gives. Each seam adds its line: `declare module '@engine/core' { interface Kinds { hook: Hook } }`. */
// biome-ignore lint/suspicious/noEmptyInterface: opened by declaration merging
export interface Kinds {}

/** Kind of entry → what the caller must hand over when one is built (MMEngine's default arguments). Kinds not listed need nothing. */
// biome-ignore lint/suspicious/noEmptyInterface: opened by declaration merging
export interface BuildArgs {}
