/** @file Figures of runs as people read them. */

/** `45 s`, `12 min`, `3.4 h`. */
export function durationText(seconds: number): string {
  if (seconds < 90) return `${Math.round(seconds)} s`;
  if (seconds < 5400) return `${Math.round(seconds / 60)} min`;
  return `${(seconds / 3600).toFixed(1)} h`;
}

/** `1.2 M` parameters. */
export function millionsText(parameters: number): string {
  return parameters < 1e5 ? parameters.toLocaleString('en') : `${(parameters / 1e6).toFixed(1)} M`;
}

/** A recall or an rSum; a dash where there is none yet. */
export function tenthText(value: number | null | undefined): string {
  return value === null || value === undefined ? '–' : value.toFixed(1);
}

/** How long ago a moment was. */
export function agoText(moment: string, now: number): string {
  const seconds = Math.max(0, (now - Date.parse(moment)) / 1000);
  if (seconds < 10) return 'now';
  if (seconds < 5400) return `${seconds < 90 ? `${Math.round(seconds)} s` : `${Math.round(seconds / 60)} min`} ago`;
  if (seconds < 129_600) return `${Math.round(seconds / 3600)} h ago`;
  return `${Math.round(seconds / 86_400)} days ago`;
}

/** Leaves of a configuration, by dotted name. */
export function leavesOf(value: unknown, name = ''): [name: string, value: string][] {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return [[name, JSON.stringify(value)]];
  return Object.entries(value).flatMap(([key, inner]) => leavesOf(inner, name === '' ? key : `${name}.${key}`));
}
