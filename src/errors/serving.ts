/** @file Errors of serving: encoders that are not there, or have too much to do. */
import { entry } from './entry.ts';

export const servingErrors = {
  DIPTYCH_SERVING_UNAVAILABLE: entry<{ bundle: string; reason: string; retrySeconds: number }>({
    message: ({ bundle, reason }) => `${bundle}: its encoder cannot answer now (${reason})`,
    why: 'The process that runs the model ended, was stuck, is still loading, or the service is closing. Nothing was changed by the request.',
    cure: 'Send the request again after `retrySeconds`. If it goes on, look at the log of the service and at the memory of the machine.',
  }),
  DIPTYCH_SERVING_BUSY: entry<{ bundle: string; waiting: string; limit: string; retrySeconds: number }>({
    message: ({ bundle, waiting, limit }) => `${bundle}: ${waiting} wait for the encoder already; at most ${limit} may`,
    why: 'More was asked than the machine encodes, and waiting longer would help nobody.',
    cure: 'Send the request again after `retrySeconds`, send fewer at once, or raise the limit of the queue.',
  }),
} as const;
