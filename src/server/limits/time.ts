/** @file How long a request may take, and the signal that tells the work behind it to give up. */
import { DiptychError } from '../../errors/error.ts';
import type { Middleware } from '../env.ts';

/** Answers in time, with what was asked or with DIPTYCH_SERVER_TIMEOUT. */
export function timeLimit(seconds: number, stopping: AbortSignal): Middleware {
  return async (c, next) => {
    const controller = new AbortController();
    c.set('signal', controller.signal);
    const gone = c.req.raw.signal;
    const leave = (): void => controller.abort(new DiptychError('DIPTYCH_SERVER_GONE', {}));
    gone.addEventListener('abort', leave, { once: true });
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => {
        const error = new DiptychError('DIPTYCH_SERVER_TIMEOUT', { seconds });
        controller.abort(error);
        reject(error);
      }, seconds * 1000);
    });
    try {
      await Promise.race([next(), late]);
      // What a request that has failed still waits for, such as the other pictures of a query, nobody needs.
      if (c.error !== undefined) controller.abort(c.error);
      // A stream of events goes on after its route has answered, until its reader leaves or the service stops.
      const streams = c.res.headers.get('Content-Type')?.startsWith('text/event-stream');
      if (streams) stopping.addEventListener('abort', leave, { once: true, signal: controller.signal });
      else gone.removeEventListener('abort', leave);
    } finally {
      clearTimeout(timer);
    }
  };
}
