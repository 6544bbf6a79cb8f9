/** @file The one error of encoders that cannot answer now. */
import { DiptychError } from '../errors/error.ts';

/** @param waitMs after how long it is worth asking again */
export function unavailable(bundle: string, reason: string, waitMs = 0): DiptychError<'DIPTYCH_SERVING_UNAVAILABLE'> {
  const retrySeconds = Math.max(1, Math.ceil(waitMs / 1000));
  return new DiptychError('DIPTYCH_SERVING_UNAVAILABLE', { bundle, reason, retrySeconds });
}
