/** @file The one error class: a code from the registry, the fields of its message, and the cause. */
import type { ErrorEntry, Fields } from './entry.ts';
import { type ErrorCode, type FieldsOf, registry } from './registry.ts';

/** A coded error. Its message says where and why; `cure` says what to do. */
export class DiptychError<C extends ErrorCode = ErrorCode> extends Error {
  override readonly name = 'DiptychError';
  readonly code: C;
  readonly fields: FieldsOf<C>;

  /**
   * @param code a code of the registry
   * @param fields what the message of that code reads
   * @param options `cause`: the error underneath, kept for `--verbose`
   */
  constructor(code: C, fields: FieldsOf<C>, options?: { cause?: unknown }) {
    super((registry[code] as ErrorEntry<Fields>).message(fields as Fields), options);
    this.code = code;
    this.fields = fields;
  }

  /** What the reader should do now. */
  get cure(): string {
    return registry[this.code].cure;
  }

  /** Exit code of the command line. */
  get exit(): number {
    return (registry[this.code] as ErrorEntry).exit ?? 1;
  }
}

/** Whether a value is a coded error, of one code if it is given. Works across copies of the package. */
export function isDiptychError<C extends ErrorCode>(error: unknown, code?: C): error is DiptychError<C> {
  return (
    error instanceof Error &&
    error.name === 'DiptychError' &&
    (code === undefined || (error as DiptychError).code === code)
  );
}
