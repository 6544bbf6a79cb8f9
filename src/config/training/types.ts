/** @file Types that several options of a training have: shares, numbers of things, poolings. */
import { z } from 'zod';

export const share = z.number().min(0).max(1);
/** A share that leaves something. */
export const partialShare = z.number().min(0).lt(1);
export const count = z.int().min(1);
export const pooling = z.enum(['gpo', 'mean', 'max', 'meanMax', 'topK']);
