/** @file The stages of a VSE run: one loss throughout, or all negatives first and the hardest ones afterwards. */
import type { EngineValues } from '../../config/training.ts';
import type { Objective } from '../objective.ts';
import type { Stage } from '../stages.ts';
import { hingeObjective, infoNceObjective, sigLipObjective } from './objective.ts';

/**
 * The stages of a run.
 *
 * The hardest negatives of random towers are noise, and following them pulls everything to one point, where the loss rests
 * at twice the margin. So `hinge-hardest` begins with `warmupEpochs` epochs over all negatives.
 *
 * @param epochLength steps of an epoch
 */
export function vseStages(loss: EngineValues['loss'], epochLength: number): Stage[] {
  const { kind, margin, warmupEpochs } = loss;
  switch (kind) {
    case 'infonce':
      return [stage('infonce', 0, infoNceObjective(loss))];
    case 'siglip':
      return [stage('siglip', 0, sigLipObjective(loss))];
    case 'hinge-sum':
      return [allNegatives(margin)];
    case 'hinge-hardest': {
      const from = Math.round(warmupEpochs * epochLength);
      const hardest = stage('hardest-negatives', from, hingeObjective({ margin, negatives: 'hardest' }));
      return from === 0 ? [hardest] : [allNegatives(margin), hardest];
    }
  }
}

function allNegatives(margin: number): Stage {
  return stage('all-negatives', 0, hingeObjective({ margin, negatives: 'all' }));
}

function stage(name: string, from: number, objective: Objective): Stage {
  return { name, from, weighted: [{ objective, weight: 1 }] };
}
