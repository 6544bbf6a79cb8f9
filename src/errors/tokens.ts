/** @file Errors of vocabularies and tokenizers. */
import { entry } from './entry.ts';

export const tokenErrors = {
  DIPTYCH_TOKENS_EMPTY: entry<{ captions: number; words: number; minimumCount: number }>({
    message: ({ captions, words, minimumCount }) =>
      `no word is frequent enough for a vocabulary: ${captions} captions hold ${words} different words, none of them ${minimumCount} times`,
    why: 'The training captions are empty, too few, or not words (for instance only punctuation or emoji).',
    cure: 'Check that the captions were read from the right column, or lower the minimum count of words.',
  }),
  DIPTYCH_TOKENS_KIND: entry<{ source: string; kind: string }>({
    message: ({ source, kind }) => `${source}: not a tokenizer that can be read (${kind})`,
    why: "The JSON is neither one of Diptych's tokenizers, nor a Hugging Face tokenizer.json, nor a SCAN vocabulary.",
    cure: 'Give tokenizer.json of a model, a SCAN vocabulary (word2idx, idx2word, idx), or the tokenizer of a bundle.',
  }),
  DIPTYCH_TOKENS_DAMAGED: entry<{ source: string; reason: string }>({
    message: ({ source, reason }) => `${source}: the tokenizer is damaged (${reason})`,
    why: 'The JSON was recognised as a tokenizer, but its content contradicts itself or lacks a part.',
    cure: 'Copy the file again from where it came from, or export the bundle again.',
  }),
  DIPTYCH_TOKENS_UNSUPPORTED: entry<{ source: string; reason: string }>({
    message: ({ source, reason }) => `${source}: this tokenizer.json cannot be run (${reason})`,
    why: 'The file uses a part that the Hugging Face tokenizers library for JavaScript lacks, or it is damaged.',
    cure: 'Save the tokenizer again with a recent version of the transformers library, or choose another text model.',
  }),
  DIPTYCH_TOKENS_LENGTH: entry<{ maxLength: number; needed: number }>({
    message: ({ maxLength, needed }) => `a maximum length of ${maxLength} tokens leaves no word: ${needed} are needed`,
    why: 'The marks around a text (start and end, or CLS and SEP) count as tokens and are always kept.',
    cure: 'Raise the maximum length of captions; 64 is plenty for captions, 77 is what CLIP uses.',
  }),
} as const;
