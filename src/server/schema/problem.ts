/** @file Errors as RFC 9457 tells them (application/problem+json), with the stable codes of Diptych. */
import { z } from 'zod';

export const problemSchema = z
  .object({
    type: z.string().meta({ description: 'urn:diptych:error:CODE', example: 'urn:diptych:error:DIPTYCH_SEARCH_ID' }),
    title: z.string().meta({ description: 'when this code occurs' }),
    status: z.int(),
    detail: z.string().meta({ description: 'what was wrong with this request' }),
    code: z.string().meta({ description: 'stable code, see docs/errors.md', example: 'DIPTYCH_SEARCH_ID' }),
    cure: z.string().meta({ description: 'what to do now' }),
    instance: z.string().meta({ description: 'id of the request, also in the log and in X-Request-Id' }),
    errors: z
      .array(z.object({ path: z.string(), message: z.string() }))
      .optional()
      .meta({ description: 'the fields that were wrong' }),
  })
  .meta({ id: 'Problem' });

export type Problem = z.infer<typeof problemSchema>;
