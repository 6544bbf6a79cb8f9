/** @file The options of `compare`. */
import { path } from './form.ts';
import { group, option } from './option.ts';
import { defineSchema } from './schema.ts';

export const comparisonSchema = defineSchema({
  comparison: group('What is written', {
    report: option({
      type: path.nullable(),
      default: null,
      help: 'folder for compare.md, compare.json and compare.html with curves, recalls, and cost against quality',
      source: 'diptych',
    }),
  }),
});
