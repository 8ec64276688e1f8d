import { nativeErrors } from './errors.js';

/** Which library: `node` computes on the CPU, `cuda` on NVIDIA GPUs as well. */
export type Flavour = 'node' | 'cuda';

export const flavours: readonly Flavour[] = ['node', 'cuda'];

/** @throws `ENGINE_NATIVE_UNKNOWN_FLAVOUR` */
export function flavourOf(name: string): Flavour {
  if ((flavours as readonly string[]).includes(name)) return name as Flavour;
  throw nativeErrors.UNKNOWN_FLAVOUR({
    subject: name,
    expected: flavours.join(' or '),
    received: name,
    action: 'engine backend install node for the CPU, engine backend install cuda for NVIDIA GPUs',
  });
}
