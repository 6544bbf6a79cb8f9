/** @file /v1/session: whether a key is needed, who is asking, and keeping the key in a cookie that scripts cannot read. */
import { z } from 'zod';

export const scopes = ['read', 'write', 'admin'] as const;
export type Scope = (typeof scopes)[number];

export const newSessionSchema = z.strictObject({ key: z.string().min(1).max(256) }).meta({ id: 'NewSession' });

export const sessionSchema = z
  .object({
    keysNeeded: z.boolean(),
    name: z.string().nullable().meta({ description: 'of the key; null without one' }),
    scopes: z.array(z.enum(scopes)).readonly(),
  })
  .meta({ id: 'Session' });

export type Session = z.output<typeof sessionSchema>;
