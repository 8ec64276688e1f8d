/** What a file may make its reader allocate, far beyond what real checkpoints need. */

/** Bytes of the pickled structure; weights are not in it. */
export const LARGEST_PICKLE = 2 ** 27;
/** Dicts, lists, objects and tensors. */
export const MOST_OBJECTS = 4_000_000;
/** Containers in containers. */
export const DEEPEST = 500;
/** Values of the tree when everything is counted wherever it is used. */
export const MOST_NODES = 20_000_000;
/** Digits of a whole number, in bytes. */
export const LONGEST_INTEGER = 1024;
/** Bytes of values that are copied out of the file, beside {@link COPIES_PER_BYTE} for each byte of it. */
export const COPIED_BYTES = 2 ** 28;
/** Half precision doubles, a view of every second value is copied, and so may be each of several that share. */
export const COPIES_PER_BYTE = 8;
/** Axes of a tensor. */
export const MOST_AXES = 64;
