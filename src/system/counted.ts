/** @file Numbers of things, as people read them. */

/** A number with its thousands apart, to three decimals: 25,000. */
export function grouped(value: number): string {
  return value.toLocaleString('en');
}

/** A number of things with their noun: 1 fold, 5 folds. */
export function counted(value: number, noun: string): string {
  return `${grouped(value)} ${noun}${value === 1 ? '' : 's'}`;
}
