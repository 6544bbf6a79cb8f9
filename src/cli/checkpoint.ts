/** @file The checkpoint that an option names. */

/** @param text `best`, `last` or the number of a step: the type `checkpoint` of `config/types.ts` */
export function checkpointOf(text: string): 'best' | 'last' | number {
  return text === 'best' || text === 'last' ? text : Number(text);
}
