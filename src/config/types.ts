/** @file Types that many options have: shares, amounts, numbers of things, seeds, checkpoints, poolings. */
import { z } from 'zod';

export const share = z.number().min(0).max(1);
/** A share that leaves something. */
export const partialShare = z.number().min(0).lt(1);
/** None or more. */
export const amount = z.number().min(0);
export const positive = z.number().gt(0);
export const count = z.int().min(1);
export const seed = z.int().min(0).max(0xffffffff);
/** The best checkpoint of a run, its last, or that of a step. */
export const checkpoint = z.string().regex(/^(best|last|\d+)$/);
export const pooling = z.enum(['gpo', 'mean', 'max', 'meanMax', 'topK']);
