/** @file One sentence on what is seen, also read aloud when it changes. */
import type { IndexDescription } from '../../../src/server/schema/indexes.ts';
import { counted } from '../parts/figures.ts';

interface Seen {
  readonly idle: boolean;
  readonly index: Pick<IndexDescription, 'name' | 'rows'>;
  readonly answers: {
    readonly busy: boolean;
    readonly answered: boolean;
    readonly results: { readonly length: number };
    readonly next: string | null;
    readonly milliseconds: number | undefined;
  };
  readonly around: { readonly loaded: boolean; readonly total: number };
}

export function summary({ idle, index, answers, around }: Seen): string {
  if (idle) return around.loaded ? `${counted(around.total, 'picture')} in ${index.name}` : '';
  if (!answers.answered) return answers.busy ? 'Searching …' : '';
  const { length } = answers.results;
  if (length === 0) return 'No picture found';
  const found = answers.next === null ? counted(length, 'picture') : `${counted(length, 'picture')} so far`;
  const took = answers.milliseconds === undefined ? '' : `, in ${Math.max(1, Math.round(answers.milliseconds))} ms`;
  return `${found}, best first${took}`;
}
