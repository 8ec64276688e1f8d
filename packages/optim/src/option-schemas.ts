import * as z from 'zod/mini';

/** A number of at least 0. */
export const nonnegative = () => z.number().check(z.nonnegative());

/** Decay rate of a running average, in [0, 1). */
const rate = z.number().check(z.nonnegative(), z.lt(1));

/** Two decay rates: of the gradient and of its square. */
export const betas = () => z._default(z.tuple([rate, rate]), [0.9, 0.999]);
