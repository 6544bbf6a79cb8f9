/** @file From options to the optimiser and the schedule of the learning rate. */
import type { DualEncoder } from '../../encoders/tower.ts';
import type { TrainingValues } from '../../methods/schema.ts';
import { adam, adamW } from '../optimisers/adam.ts';
import type { OptimiserOptions } from '../optimisers/optimiser.ts';
import type { Rule } from '../optimisers/rule.ts';
import { sgd } from '../optimisers/sgd.ts';
import type { ScheduleOptions } from '../schedule.ts';
import { tuningGroups } from './tuning.ts';

/** The update rule with its groups, those of pretrained towers first, and clipping. */
export function optimiserOf(
  values: Pick<TrainingValues, 'optimiser' | 'image' | 'text' | 'fineTuning'>,
  encoder: DualEncoder,
): OptimiserOptions {
  const { optimiser } = values;
  const { groups, clipNorm } = optimiser;
  return { rule: ruleOf(optimiser), groups: [...tuningGroups(values, encoder), ...groups], clipNorm };
}

function ruleOf(optimiser: TrainingValues['optimiser']): Rule {
  const { kind, betas, epsilon, weightDecay, momentum, nesterov } = optimiser;
  switch (kind) {
    case 'adamw':
      return adamW({ betas, epsilon, weightDecay });
    case 'adam':
      return adam({ betas, epsilon, weightDecay });
    case 'sgd':
      return sgd({ momentum, nesterov, weightDecay });
  }
}

/** The schedule of the learning rate. @param epochLength steps of an epoch: milestones are given in epochs */
export function scheduleOptions(
  { schedule, optimiser }: Pick<TrainingValues, 'schedule' | 'optimiser'>,
  epochLength: number,
): ScheduleOptions {
  const { kind, warmupSteps: warmup, milestones, gamma, floor } = schedule;
  const common = { peak: optimiser.learningRate, warmup };
  switch (kind) {
    case 'constant':
      return { ...common, kind };
    case 'step':
      return { ...common, kind, milestones: milestones.map((epoch) => Math.round(epoch * epochLength)), gamma };
    case 'cosine':
      return { ...common, kind, floor };
  }
}
