/** @file The end of a message about a name that is not known. */

/** `; did you mean a or b?`, or nothing. */
export function meant(suggestions: readonly string[]): string {
  return suggestions.length === 0 ? '' : `; did you mean ${suggestions.join(' or ')}?`;
}
