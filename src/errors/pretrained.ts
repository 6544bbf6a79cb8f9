/** @file Errors of pretrained encoders read from a folder. */
import { entry } from './entry.ts';

/** The first names of a list, and how many more there are. */
function some(names: readonly string[], most = 8): string {
  return names.length > most ? `${names.slice(0, most).join(', ')} and ${names.length - most} more` : names.join(', ');
}

export const pretrainedErrors = {
  DIPTYCH_PRETRAINED_FAMILY: entry<{ folder: string; found: string; known: readonly string[] }>({
    message: ({ folder, found, known }) =>
      `${folder}: a model of type "${found}"; types that can be read: ${known.join(', ')}`,
    why: 'The `model_type` in config.json names an architecture that Diptych does not have.',
    cure: 'Choose a model of one of the types listed, or export it to ONNX and use it as a frozen backbone.',
  }),
  DIPTYCH_PRETRAINED_FILES: entry<{ folder: string; problem: string }>({
    message: ({ folder, problem }) => `${folder}: ${problem}`,
    why: 'Weights are read from model.safetensors, or from the parts that model.safetensors.index.json lists. Other formats (pytorch_model.bin) can run code when they are opened and are not read.',
    cure: 'Copy the whole folder of the model again. If it has no safetensors, save it anew with a recent version of the transformers library: `model.save_pretrained(folder)`.',
  }),
  DIPTYCH_PRETRAINED_TENSORS: entry<{
    folder: string;
    missing: readonly string[];
    unknown: readonly string[];
    unfit: readonly string[];
  }>({
    message: ({ folder, missing, unknown, unfit }) => {
      const told = { missing, unknown, unfit };
      const problems = Object.entries(told).flatMap(([what, names]) =>
        names.length > 0 ? [`${what}: ${some(names)}`] : [],
      );
      return `${folder}: weights do not fit config.json (${problems.join('; ')})`;
    },
    why: 'Tensors that the architecture needs are missing, others are there that it does not know, or their shapes or numbers are not what config.json makes them.',
    cure: 'Copy config.json and the weights again from one and the same model; a model of another architecture cannot be read under this type.',
  }),
  DIPTYCH_PRETRAINED_SIDE: entry<{ folder: string; family: string; side: 'image' | 'text' }>({
    message: ({ folder, family, side }) => `${folder}: a model of type "${family}" has no ${side} encoder`,
    why: 'BERT reads texts, ViT reads pictures, CLIP reads both.',
    cure: 'Give the folder of a model for this side.',
  }),
  DIPTYCH_PRETRAINED_POOLING: entry<{ folder: string; pooling: string; problem: string }>({
    message: ({ folder, pooling, problem }) => `${folder}: pooling "${pooling}" cannot be used: ${problem}`,
    why: 'Some ways to make one vector of a sequence need weights that not every model brings.',
    cure: 'Choose another pooling: mean and cls work with every model.',
  }),
  DIPTYCH_PRETRAINED_DIMENSION: entry<{ folder: string; projection: number; dimension: number }>({
    message: ({ folder, projection, dimension }) =>
      `${folder}: gives vectors of length ${projection}, but ${dimension} is asked for`,
    why: 'Both encoders of a CLIP model end in projections that were trained together; they keep their length.',
    cure: 'Set the dimension of the embedding to the length that the model gives.',
  }),
  DIPTYCH_PRETRAINED_LENGTH: entry<{ folder: string; longest: number; positions: number }>({
    message: ({ folder, longest, positions }) =>
      `${folder}: captions of up to ${longest} tokens, but the model has ${positions} positions`,
    why: 'The model has a learnt vector for each position and none beyond.',
    cure: 'Lower the maximum length of captions to the number of positions.',
  }),
  DIPTYCH_PRETRAINED_VOCABULARY: entry<{ folder: string; ids: number; vocabulary: number }>({
    message: ({ folder, ids, vocabulary }) =>
      `${folder}: the tokenizer has ${ids} ids, the model vectors for ${vocabulary}`,
    why: 'The tokenizer (tokenizer.json) and the weights belong to different models.',
    cure: 'Copy tokenizer.json and the weights again from one and the same model.',
  }),
  DIPTYCH_PRETRAINED_SENTENCE: entry<{ folder: string; problem: string }>({
    message: ({ folder, problem }) => `${folder}: no usable sentence encoder: ${problem}`,
    why: 'The folder describes how sentence vectors are made (modules.json, 1_Pooling) in a way that Diptych cannot follow; vectors made otherwise would not be those of the model.',
    cure: 'Choose a sentence encoder that pools by mean, maximum or CLS, or give a file of vectors.',
  }),
} as const;
