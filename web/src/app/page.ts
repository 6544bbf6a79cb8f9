/** @file Which page an address names. */

export const pages = [
  { path: '/', name: 'search', title: 'Search' },
  { path: '/collections', name: 'collections', title: 'Collections' },
  { path: '/training', name: 'training', title: 'Training' },
] as const;

export type PageName = (typeof pages)[number]['name'];

/** The page of a path; undefined for paths that are none. */
export function pageOf(path: string): PageName | undefined {
  const trimmed = path.replace(/\/+$/, '') || '/';
  return pages.find((page) => page.path === trimmed)?.name;
}
