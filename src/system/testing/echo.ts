/** @file A thread for tests: doubles numbers, hands memory back, and fails in both ways. */
import { workerData } from 'node:worker_threads';
import { DiptychError } from '../../errors/error.ts';
import { serve } from '../thread.ts';

export type EchoRequest =
  | { readonly kind: 'scaled'; readonly array: Float32Array }
  | { readonly kind: 'coded' }
  | { readonly kind: 'plain' }
  | { readonly kind: 'forever' };

const { factor } = workerData as { factor: number };

serve(async (request: EchoRequest) => {
  switch (request.kind) {
    case 'scaled': {
      const answer = request.array.map((value) => factor * value);
      return { answer, transfer: [answer.buffer] };
    }
    case 'coded':
      throw new DiptychError('DIPTYCH_RUN_MISSING', { folder: 'nowhere' });
    case 'plain':
      throw new TypeError('a mistake');
    case 'forever':
      return new Promise<never>(() => {});
  }
});
