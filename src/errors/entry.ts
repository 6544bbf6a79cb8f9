/** @file What one row of the error registry is: data, so that texts, pages and tests come from the same place. */

/** Fields that an error carries: places, names, numbers, shapes. */
export type Fields = Readonly<Record<string, unknown>>;

/** One error code: what happened (from the fields), why it happens, and what to do. */
export interface ErrorEntry<F extends Fields = Fields> {
  /** One line naming place and cause. */
  readonly message: (fields: F) => string;
  /** One or two sentences for the documented page: when this happens. */
  readonly why: string;
  /** What the reader should do now. */
  readonly cure: string;
  /** Exit code of the command line; 1 unless said. */
  readonly exit?: number;
}

/** Types a row by the fields its message reads. */
export function entry<F extends Fields>(row: ErrorEntry<F>): ErrorEntry<F> {
  return row;
}
