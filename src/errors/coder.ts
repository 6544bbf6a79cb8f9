/** @file Errors of CODER: queues, concepts, prototypes. */
import { entry } from './entry.ts';

export const coderErrors = {
  DIPTYCH_QUEUE_LENGTH: entry<{ queue: number; pairs: number }>({
    message: ({ queue, pairs }) => `a queue of ${queue} keys is no whole number of batches of ${pairs} pairs`,
    why: 'Each step writes its keys over the oldest batch in the queue, so the queue holds a whole number of batches.',
    cure: 'Choose a queue length that is a multiple of `--batch-size`, or 0 for no queue.',
  }),
  DIPTYCH_CODER_CONCEPTS: entry<{ captions: number; words: number; minimumCount: number }>({
    message: ({ captions, words, minimumCount }) =>
      `no concept: ${captions} captions use ${words} words beside the stop words, none of them in ${minimumCount} captions or more`,
    why: 'Concepts are the most frequent words of the training captions, apart from articles, pronouns and the like; the stop words are English.',
    cure: 'Lower the count that a concept needs, give more captions, or train without the concept branch.',
  }),
  DIPTYCH_CODER_TABLE: entry<Record<string, never>>({
    message: () => 'the text tower has no table of word vectors that concepts could begin with',
    why: 'Concepts were to begin as rows of the text tower’s word table, and this tower has none under a known name.',
    cure: 'Give word vectors with `--word-vectors`, or let the table of concepts be trained with `--concept-features trained`.',
  }),
  DIPTYCH_CODER_BETA: entry<{ model: string; reason: string }>({
    message: ({ model, reason }) => `${model}: the weight of the concept branch cannot be changed: ${reason}`,
    why: 'Vectors of CODER are two halves, of the instance and of its concepts, whose shares in the score can be changed afterwards as long as neither is 0.',
    cure: 'Leave beta out (`--beta`, or `beta` of a request), or name a run or bundle of CODER with its concept branch, trained with a beta between 0 and 1.',
  }),
} as const;
