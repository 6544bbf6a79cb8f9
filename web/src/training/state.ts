/** @file What the page of training shows, as an address: the runs chosen, and the view. */

export const views = [
  { name: 'curves', title: 'Curves' },
  { name: 'samples', title: 'Retrieval' },
  { name: 'report', title: 'Report' },
  { name: 'diagnosis', title: 'Diagnosis' },
  { name: 'setup', title: 'Set-up' },
] as const;
export type View = (typeof views)[number]['name'];

export interface TrainingState {
  /** Several are compared. */
  readonly runs: readonly string[];
  readonly view: View;
}

export function readTraining(params: URLSearchParams): TrainingState {
  const view = views.find(({ name }) => name === params.get('view'))?.name ?? 'curves';
  return { runs: [...new Set(params.getAll('run'))].filter((name) => name !== ''), view };
}

export function addressOfTraining({ runs, view }: TrainingState): string {
  const params = new URLSearchParams(runs.map((name) => ['run', name]));
  if (view !== 'curves') params.set('view', view);
  return params.size === 0 ? '/training' : `/training?${params}`;
}

/** With a run chosen as well, or no longer. */
export function toggled({ runs, view }: TrainingState, name: string): TrainingState {
  const rest = runs.filter((one) => one !== name);
  return { runs: rest.length < runs.length ? rest : [...runs, name], view };
}

/** Colours of curves, told apart in light and in dark, and by readers who do not see all colours; more go round. */
export function colourOf(position: number): string {
  return `var(--curve-${(position % 6) + 1})`;
}
