/** @file Options of the update rule, and of what holds for single parameters. */
import { z } from 'zod';
import { group, option } from '../option.ts';
import { amount, partialShare, positive } from '../types.ts';

/** What holds for the parameters whose dotted name a pattern matches; later groups count over earlier ones. */
const parameterGroup = z.strictObject({
  pattern: z.string().min(1).describe('dotted parameter name; * stands for any text'),
  factor: amount.exactOptional().describe('times the learning rate'),
  frozen: z.boolean().exactOptional().describe('never changed'),
  decay: z.boolean().exactOptional().describe('whether it takes part in weight decay'),
});

export const optimiser = group('How parameters move', {
  kind: option({
    type: z.enum(['adamw', 'adam', 'sgd']),
    default: 'adamw',
    flag: 'optimiser',
    help: 'update rule; adamw decays weights apart from the gradient',
    source: 'official code',
  }),
  learningRate: option({
    type: positive,
    default: 5e-4,
    help: 'step size at its highest, after the warm-up',
    tooSmall: 'The loss falls slowly and the schedule ends before it is low.',
    tooLarge: 'The loss jumps or stays where it began; with hinge-hardest the towers collapse.',
    source: 'official code',
  }),
  betas: option({
    type: z.tuple([partialShare, partialShare]),
    default: [0.9, 0.999],
    help: 'adamw, adam: decay of the running mean and of the running square of the gradient',
    tooSmall: 'Steps follow single batches.',
    tooLarge: 'Steps follow gradients that are long gone.',
    source: 'official code',
  }),
  epsilon: option({
    type: positive,
    default: 1e-8,
    help: 'adamw, adam: added to the root of the running square',
    tooSmall: 'Division by nearly nothing where gradients vanish.',
    tooLarge: 'Parameters with small gradients stand still.',
    source: 'official code',
  }),
  momentum: option({
    type: partialShare,
    default: 0.9,
    help: 'sgd: share of the last step that is kept',
    tooSmall: 'Slow along flat valleys.',
    tooLarge: 'Overshoots.',
    source: 'diptych',
  }),
  nesterov: option({
    type: z.boolean(),
    default: false,
    help: 'sgd: looks one step of the momentum ahead',
    source: 'diptych',
  }),
  weightDecay: option({
    type: amount,
    default: 1e-4,
    help: 'pull of weights towards zero; biases, norms and the temperature are spared',
    tooSmall: 'Overfits in long runs.',
    tooLarge: 'Weights shrink faster than they learn.',
    source: 'official code',
  }),
  groups: option({
    type: z.array(parameterGroup),
    default: [],
    help: 'parameters by name, such as `[{"pattern":"text.*","factor":0.1}]`; also frozen and decay',
    source: 'diptych',
  }),
  clipNorm: option({
    type: amount,
    default: 2,
    help: 'gradients are scaled down to this norm over all parameters; 0 leaves them as they are',
    tooSmall: 'Every step is cut to the same length, whatever the gradient says.',
    tooLarge: 'One bad batch can undo an epoch.',
    source: 'official code',
  }),
  averageDecay: option({
    type: partialShare,
    default: 0,
    help: 'decay of the moving average of the weights, which is then evaluated and exported; 0 keeps none',
    tooSmall: 'The average is hardly smoother than the weights.',
    tooLarge: 'The average lags behind by more than the run is long.',
    source: 'diptych',
  }),
});
