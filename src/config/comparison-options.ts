/** @file The options of `compare`. */
import { z } from 'zod';
import { path } from './form.ts';
import { group, option } from './option.ts';
import { defineSchema } from './schema.ts';

/** `45s`, `30m`, `1.5h`; minutes where no unit is given. */
const duration = /^(\d+(?:\.\d+)?)\s*([smh]?)$/;
const minutesIn = { s: 1 / 60, m: 1, h: 60, '': 1 } as const;

export const comparisonSchema = defineSchema({
  comparison: group('What is trained and compared, and what is written', {
    report: option({
      type: path.nullable(),
      default: null,
      help: 'folder for compare.md, compare.json and compare.html with curves, recalls, and cost against quality; runs that are trained lie in it',
      source: 'diptych',
    }),
    presets: option({
      type: z.array(z.string().min(1)),
      default: [],
      help: 'presets to train and compare; called again, what is finished is kept and the rest goes on',
      source: 'diptych',
    }),
    seeds: option({
      type: z.int().min(1).max(100),
      default: 1,
      help: 'runs of each preset, with seeds 0, 1, …; the table has their mean and standard deviation, never the best of them',
      tooSmall: 'A difference may be chance: one seed differs from the next by an rSum point or two.',
      tooLarge: 'Time.',
      source: 'diptych',
    }),
    budget: option({
      type: z.string().regex(duration).meta({ format: 'duration' }).nullable(),
      default: null,
      help: 'time of training of each run, the same for all: 45s, 30m, 2h; see training.minutes. None trains each to its end',
      source: 'diptych',
    }),
    data: option({
      type: path.nullable(),
      default: null,
      help: 'data set to train and validate on',
      source: 'diptych',
    }),
    features: option({
      type: path.nullable(),
      default: null,
      help: 'feature file to train on',
      source: 'diptych',
    }),
    with: option({
      type: z.array(z.string().min(1)),
      default: [],
      help: 'a further option of `train` for every run, NAME=VALUE, such as epochs=30; may be given several times',
      source: 'diptych',
      repeated: true,
    }),
  }),
});

/** Minutes of a budget as it is written. @param text of the form that the option takes */
export function minutesOf(text: string): number {
  const [, amount, unit] = duration.exec(text) ?? [];
  return Number(amount) * minutesIn[unit as keyof typeof minutesIn];
}
