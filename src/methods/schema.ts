/** @file All options of a training run: those of every training, and those of each method. */
import { clusterOptions, clustersFault } from '../config/cluster-options.ts';
import type { ValuesOf } from '../config/option.ts';
import { extendSchema } from '../config/schema.ts';
import { engineSchema } from '../config/training.ts';
import { relevanceFault, relevanceOptions, tripletOptions } from './bcls/options.ts';
import { coderFault, coderGroup, conceptsFault } from './coder/options.ts';
import { objectiveOptions, objectivesFault } from './composition-options.ts';
import { hremFault, hremOptions, relationFault, relationOptions } from './hrem/options.ts';
import { iccFault, iccOptions, intraFault } from './icc/options.ts';

const groups = {
  objectives: objectiveOptions,
  relevance: relevanceOptions,
  triplet: tripletOptions,
  hrem: hremOptions,
  relation: relationOptions,
  coder: coderGroup,
  icc: iccOptions,
  clusters: clusterOptions,
};

export const trainingSchema = extendSchema(engineSchema, groups, [
  {
    options: ['objectives.terms', 'objectives.weights'],
    check: ({ objectives }) => objectivesFault(objectives),
  },
  {
    options: ['relevance.labels', 'relevance.file'],
    check: ({ relevance }) => relevanceFault(relevance),
  },
  {
    options: [
      'coder.keys.queue',
      'coder.contrast.nearest',
      'coder.clusters.labels',
      'coder.clusters.prototypes',
      'coder.clusters.prototypeMomentum',
      'coder.clusters.newest',
      'training.batchSize',
    ],
    check: ({ objectives, coder, training }) =>
      objectives.terms.includes('coder') ? coderFault(coder, training.batchSize) : undefined,
  },
  {
    options: ['coder.concepts.features', 'coder.concepts.vectors'],
    check: ({ objectives, coder }) => (objectives.terms.includes('coder') ? conceptsFault(coder) : undefined),
  },
  {
    options: ['hrem.heads', 'hrem.density', 'embedding.dimension', 'training.batchSize'],
    check: ({ objectives, hrem, embedding, training }) =>
      objectives.terms.includes('hrem')
        ? hremFault(hrem, { dimension: embedding.dimension, pairs: training.batchSize })
        : undefined,
  },
  {
    options: ['relation.heads', 'embedding.dimension'],
    check: ({ relation, embedding }) => relationFault(relation, embedding.dimension),
  },
  {
    options: ['icc.views.text', 'icc.views.image', 'icc.image.weight', 'text.kind', 'augmentation.wordDrop'],
    check: ({ objectives, icc, augmentation, text }) =>
      objectives.terms.includes('icc')
        ? iccFault(icc, { wordDrop: augmentation.wordDrop, textKind: text.kind })
        : undefined,
  },
  {
    options: ['icc.intra.form', 'icc.views.image', 'icc.heads.towerWidth'],
    check: ({ objectives, icc }) => (objectives.terms.includes('icc') ? intraFault(icc) : undefined),
  },
  {
    options: ['clusters.groups', 'training.batchSize'],
    check: ({ clusters, training }) => clustersFault(clusters, training.batchSize),
  },
]);

export type TrainingMembers = (typeof trainingSchema)['members'];
/** All values of a training run, as its folder records them. */
export type TrainingValues = ValuesOf<TrainingMembers>;
