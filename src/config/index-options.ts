/** @file The options of the `index` verbs. */
import { z } from 'zod';
import { group, option } from './option.ts';
import { defineSchema } from './schema.ts';

/** Which rows are meant, by their metadata. */
export const filter = option({
  type: z.string().min(1).nullable(),
  default: null,
  help: 'rows by their metadata, as JSON: {"year": {"gte": 2020}}',
  source: 'diptych',
});

export const indexRemoveSchema = defineSchema({ remove: group('Which rows go', { filter }) });
