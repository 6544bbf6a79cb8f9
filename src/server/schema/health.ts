/** @file /healthz and /readyz: whether the process answers, and whether it can answer searches. */
import { z } from 'zod';

export const healthSchema = z.object({ status: z.literal('ok') }).meta({ id: 'Health' });

export const readinessSchema = z
  .object({
    status: z.enum(['ready', 'starting', 'stopping']),
    indexes: z.record(z.string(), z.enum(['open', 'counting'])),
    bundles: z.record(z.string(), z.enum(['unloaded', 'loading', 'ready', 'failed'])),
  })
  .meta({ id: 'Readiness' });
