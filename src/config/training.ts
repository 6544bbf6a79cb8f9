/** @file The options that every training has, as one table. Methods add groups of their own: `methods/schema.ts`. */
import { z } from 'zod';
import { datasetMembers, datasetPath } from './dataset.ts';
import { fineTuningOptions, headOptions, modelFolder } from './encoder-options.ts';
import { path } from './form.ts';
import { machine } from './machine.ts';
import { group, option, type ValuesOf } from './option.ts';
import { defineSchema } from './schema.ts';

const share = z.number().min(0).max(1);
const dropRate = z.number().min(0).lt(1);
const count = z.int().min(1);
const pooling = z.enum(['gpo', 'mean', 'max', 'meanMax', 'topK']);

const data = group('What is learnt from', {
  path: datasetPath,
  ...datasetMembers,
  trainSplits: option({
    type: z.array(z.string().min(1)).min(1),
    default: ['train'],
    help: 'splits to train on; COCO results are usually from train,restval',
    source: 'related work',
  }),
  valSplit: option({
    type: z.string().min(1),
    default: 'val',
    help: 'split that chooses the best checkpoint; test is refused',
    source: 'diptych',
  }),
});

const features = group('Stored features in place of pictures, for the grid tower', {
  file: option({
    type: path.nullable(),
    default: null,
    flag: 'features',
    help: 'feature file (.npy) that `diptych features` wrote; none takes those that the data set brings',
    source: 'diptych',
  }),
  viewProbability: option({
    type: share,
    default: 0.8,
    help: 'how often a training picture shows one of the further views of the feature file',
    tooSmall: 'Every epoch shows the same pixels; the image tower learns them by heart sooner.',
    tooLarge: 'The plain view, which evaluation uses, is hardly seen.',
    source: 'diptych',
  }),
  averagedViews: option({
    type: z.int().min(1),
    default: 1,
    help: 'views of a picture whose vectors are averaged when it is evaluated or indexed; at most as many as the file holds',
    tooSmall: 'Details that a crop would show are lost on the picture as a whole.',
    tooLarge: 'Each view costs one pass of the backbone when pictures are indexed.',
    source: 'diptych',
  }),
});

const tokens = group('Captions as ids', {
  file: option({
    type: path.nullable(),
    default: null,
    flag: 'tokenizer',
    help: 'tokenizer.json, or a vocabulary JSON of SCAN; none counts a vocabulary from the training captions',
    source: 'diptych',
  }),
  minimumCount: option({
    type: count,
    default: 4,
    help: 'how often the training captions must use a word for the vocabulary to hold it',
    tooSmall: 'Words seen once get a vector that nothing trains well; the file grows.',
    tooLarge: 'Telling words become <unk>.',
    source: 'related work',
  }),
  length: option({
    type: z.int().min(3),
    default: 64,
    flag: 'caption-length',
    help: 'most tokens of a caption, its two marks included; the rest is cut off',
    tooSmall: 'Ends of captions are lost.',
    tooLarge: 'One long caption makes its whole batch slow.',
    source: 'diptych',
  }),
});

const embedding = group('The space both towers meet in', {
  dimension: option({
    type: count,
    default: 512,
    help: 'length d of the vectors of pictures and captions',
    tooSmall: 'Fine differences are lost; recall@1 falls first.',
    tooLarge: 'Steps, index and queries cost in proportion, and small data sets are learnt by heart.',
    source: 'diptych',
  }),
});

const image = group('Image tower', {
  kind: option({
    type: z.enum(['grid', 'pixels', 'vector', 'pretrained']),
    default: 'grid',
    flag: 'image-tower',
    help: 'over stored features: grid, vector (a head on their mean and maximum); over pictures: pixels, pretrained (ViT, CLIP)',
    source: 'related work',
  }),
  model: modelFolder('image', 'pretrained'),
  mlp: option({
    type: z.boolean(),
    default: true,
    help: 'grid: adds a two-layer perceptron with batch normalisation to the linear projection',
    tooSmall: 'A linear view of the backbone only; a little faster, some rSum lower.',
    source: 'official code',
  }),
  pooling: option({
    type: pooling,
    default: 'gpo',
    help: 'how regions become one vector: weights learnt over the sorted values, mean, largest, both, or mean of the largest',
    source: 'related work',
  }),
  topK: option({
    type: count,
    default: 2,
    help: 'pooling topK: how many of the largest values of each dimension are averaged',
    tooSmall: '1 is max pooling: noisy regions win.',
    tooLarge: 'Approaches the mean: small objects vanish.',
    source: 'official code',
  }),
  imageSize: option({
    type: z.int().min(8),
    default: 64,
    help: 'pixels: side of the square picture that enters the tower',
    tooSmall: 'Small objects are below one pixel.',
    tooLarge: 'Patches, and so time and memory, grow with its square.',
    source: 'diptych',
  }),
  patchSize: option({
    type: count,
    default: 8,
    help: 'pixels: side of one patch; divides the image size',
    tooSmall: 'Many patches; attention costs their square.',
    tooLarge: 'Details inside a patch blur.',
    source: 'diptych',
  }),
  width: option({
    type: count,
    default: 192,
    help: 'pixels: length of the vectors between the Transformer layers; a multiple of the heads',
    tooSmall: 'Too little room for shape, colour and place at once.',
    tooLarge: 'Time grows with its square; more data is needed.',
    source: 'diptych',
  }),
  layers: option({
    type: count,
    default: 4,
    help: 'pixels: number of Transformer layers',
    tooSmall: 'Relations between objects are not seen.',
    tooLarge: 'Slow, and hard to train from scratch on little data.',
    source: 'diptych',
  }),
  heads: option({
    type: count,
    default: 4,
    help: 'pixels: attention heads of each layer',
    tooSmall: 'One pattern of attention for everything.',
    tooLarge: 'Each head becomes too narrow to compare anything.',
    source: 'diptych',
  }),
  dropout: option({
    type: dropRate,
    default: 0,
    help: 'share of values dropped: inside the Transformer layers (pixels), on the pooled vector (grid)',
    tooSmall: 'Learnt by heart sooner.',
    tooLarge: 'Underfits: the training loss stays high.',
    source: 'diptych',
  }),
});

const text = group('Text tower', {
  kind: option({
    type: z.enum(['bigru', 'transformer', 'vector', 'pretrained']),
    default: 'bigru',
    flag: 'text-tower',
    help: 'from scratch: bigru, transformer; from --text-model: vector (a head on frozen sentence vectors), pretrained (BERT, CLIP)',
    source: 'related work',
  }),
  model: modelFolder('text', 'vector, pretrained'),
  wordDimension: option({
    type: count,
    default: 300,
    help: 'bigru: length of the word vectors',
    tooSmall: 'Words that differ in little cannot be told apart.',
    tooLarge: 'Rare words are learnt by heart.',
    source: 'related work',
  }),
  width: option({
    type: count,
    default: 256,
    help: 'transformer: length of the vectors between the layers; a multiple of the heads',
    tooSmall: 'Words in context cannot be told apart.',
    tooLarge: 'Time grows with its square; more captions are needed.',
    source: 'diptych',
  }),
  layers: option({
    type: count,
    default: 4,
    help: 'transformer: number of layers',
    tooSmall: 'A single layer hardly sees word order.',
    tooLarge: 'Slow, and hard to train from scratch on few captions.',
    source: 'diptych',
  }),
  heads: option({
    type: count,
    default: 8,
    help: 'transformer: attention heads of each layer',
    tooSmall: 'One pattern of attention for everything.',
    tooLarge: 'Each head becomes too narrow to compare anything.',
    source: 'diptych',
  }),
  pooling: option({
    type: pooling,
    default: 'gpo',
    help: 'how the words of a caption become one vector',
    source: 'related work',
  }),
  topK: option({
    type: count,
    default: 2,
    help: 'pooling topK: how many of the largest values of each dimension are averaged',
    tooSmall: '1 is max pooling.',
    tooLarge: 'Approaches the mean: one telling word is drowned.',
    source: 'official code',
  }),
  dropout: option({
    type: dropRate,
    default: 0,
    help: 'share of values dropped: of word vectors and the pooled vector (bigru), inside the layers (transformer)',
    tooSmall: 'Learnt by heart sooner.',
    tooLarge: 'Underfits: the training loss stays high.',
    source: 'diptych',
  }),
});

const augmentation = group('What training leaves out at random', {
  regionDrop: option({
    type: dropRate,
    default: 0.2,
    help: 'probability with which each region or grid cell of a picture is left out',
    tooSmall: 'One telling region is enough, and gets all the weight.',
    tooLarge: 'The object of the caption is often gone.',
    source: 'official code',
  }),
  wordDrop: option({
    type: dropRate,
    default: 0.2,
    help: 'probability with which each word is masked, replaced or left out',
    tooSmall: 'One telling word is enough, and gets all the weight.',
    tooLarge: 'The caption no longer says what the picture shows.',
    source: 'official code',
  }),
  wordShares: option({
    type: z.tuple([share, share, share]),
    default: [0.5, 0.1, 0.4],
    help: 'of those words: shares that are masked, replaced by any word, and left out',
    source: 'official code',
  }),
});

const loss = group('What is minimised', {
  kind: option({
    type: z.enum(['hinge-sum', 'hinge-hardest', 'infonce', 'siglip']),
    default: 'infonce',
    flag: 'loss',
    help: 'hinge over all or over the hardest negatives of the batch, InfoNCE, or the pairwise sigmoid loss',
    source: 'diptych',
  }),
  margin: option({
    type: z.number().min(0),
    default: 0.2,
    help: 'hinge: by how much a pair must beat its negatives, in cosine',
    tooSmall: 'Pairs are barely separated; the loss is soon zero and nothing is learnt.',
    tooLarge: 'Captions that fit both pictures are pushed apart.',
    source: 'paper',
  }),
  warmupEpochs: option({
    type: z.number().min(0),
    default: 1,
    help: 'hinge-hardest: epochs over all negatives before the hardest alone count',
    tooSmall: 'Random towers collapse to one point: the loss stays at twice the margin.',
    tooLarge: 'The easier loss wastes epochs.',
    source: 'official code',
  }),
  temperature: option({
    type: z.number().gt(0),
    default: 0.07,
    help: 'infonce, siglip: scores are divided by it; where it starts if it is learnt',
    tooSmall: 'Only the hardest negative counts; noisy captions dominate.',
    tooLarge: 'All negatives count alike; recall@1 stays low.',
    source: 'paper',
  }),
  learnTemperature: option({
    type: z.boolean(),
    default: true,
    help: 'infonce, siglip: the temperature is a parameter, its inverse held at 100 or below',
    tooSmall: 'The temperature must be searched for by hand.',
    tooLarge: 'Late in a long run it sharpens on noise.',
    source: 'paper',
  }),
  bias: option({
    type: z.number(),
    default: -10,
    help: 'siglip: where the learnt bias of the logits starts',
    tooSmall: 'All pairs look like negatives for many steps.',
    tooLarge: 'The many negatives cost so much at the start that the first steps are wild.',
    source: 'paper',
  }),
});

/** What holds for the parameters whose dotted name a pattern matches; later groups count over earlier ones. */
const parameterGroup = z.strictObject({
  pattern: z.string().min(1).describe('dotted parameter name; * stands for any text'),
  factor: z.number().min(0).exactOptional().describe('times the learning rate'),
  frozen: z.boolean().exactOptional().describe('never changed'),
  decay: z.boolean().exactOptional().describe('whether it takes part in weight decay'),
});

const optimiser = group('How parameters move', {
  kind: option({
    type: z.enum(['adamw', 'adam', 'sgd']),
    default: 'adamw',
    flag: 'optimiser',
    help: 'update rule; adamw decays weights apart from the gradient',
    source: 'official code',
  }),
  learningRate: option({
    type: z.number().gt(0),
    default: 5e-4,
    help: 'step size at its highest, after the warm-up',
    tooSmall: 'The loss falls slowly and the schedule ends before it is low.',
    tooLarge: 'The loss jumps or stays where it began; with hinge-hardest the towers collapse.',
    source: 'official code',
  }),
  betas: option({
    type: z.tuple([z.number().min(0).lt(1), z.number().min(0).lt(1)]),
    default: [0.9, 0.999],
    help: 'adamw, adam: decay of the running mean and of the running square of the gradient',
    tooSmall: 'Steps follow single batches.',
    tooLarge: 'Steps follow gradients that are long gone.',
    source: 'official code',
  }),
  epsilon: option({
    type: z.number().gt(0),
    default: 1e-8,
    help: 'adamw, adam: added to the root of the running square',
    tooSmall: 'Division by nearly nothing where gradients vanish.',
    tooLarge: 'Parameters with small gradients stand still.',
    source: 'official code',
  }),
  momentum: option({
    type: z.number().min(0).lt(1),
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
    type: z.number().min(0),
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
    type: z.number().min(0),
    default: 2,
    help: 'gradients are scaled down to this norm over all parameters; 0 leaves them as they are',
    tooSmall: 'Every step is cut to the same length, whatever the gradient says.',
    tooLarge: 'One bad batch can undo an epoch.',
    source: 'official code',
  }),
  averageDecay: option({
    type: z.number().min(0).lt(1),
    default: 0,
    help: 'decay of the moving average of the weights, which is then evaluated and exported; 0 keeps none',
    tooSmall: 'The average is hardly smoother than the weights.',
    tooLarge: 'The average lags behind by more than the run is long.',
    source: 'diptych',
  }),
});

const schedule = group('How the learning rate changes', {
  kind: option({
    type: z.enum(['constant', 'step', 'cosine']),
    default: 'cosine',
    flag: 'schedule',
    help: 'constant; step multiplies by gamma at each milestone; cosine falls to the floor by the end',
    source: 'diptych',
  }),
  warmupSteps: option({
    type: z.int().min(0),
    default: 100,
    help: 'steps over which the learning rate rises from zero',
    tooSmall: 'The first steps, with wild gradients, are taken at full length.',
    tooLarge: 'Time is spent at rates too low to learn from.',
    source: 'diptych',
  }),
  milestones: option({
    type: z.array(z.number().gt(0)),
    default: [15, 25],
    help: 'step: epochs at whose start the learning rate is multiplied by gamma',
    source: 'official code',
  }),
  gamma: option({
    type: z.number().gt(0).max(1),
    default: 0.1,
    help: 'step: factor at each milestone',
    tooSmall: 'Learning all but ends at the first milestone.',
    tooLarge: 'The milestones change nothing.',
    source: 'official code',
  }),
  floor: option({
    type: z.number().min(0),
    default: 0,
    help: 'cosine: learning rate at the end',
    tooLarge: 'The weights never settle.',
    source: 'diptych',
  }),
});

const training = group('How long, and what is kept', {
  batchSize: option({
    type: z.int().min(2),
    default: 128,
    help: 'pairs of a step; each is a negative of all others',
    tooSmall: 'Few negatives, none of them hard.',
    tooLarge: 'Memory; pictures that fit each other’s captions become negatives.',
    source: 'official code',
  }),
  epochs: option({
    type: z.number().gt(0),
    default: 10,
    help: 'times through the captions of the training splits; parts of one are allowed',
    tooSmall: 'The schedule ends before the towers agree.',
    tooLarge: 'Learnt by heart: val rSum falls while the loss still does. The best checkpoint is kept.',
    source: 'diptych',
  }),
  steps: option({
    type: count.nullable(),
    default: null,
    help: 'length of the run in steps instead of epochs',
    source: 'diptych',
  }),
  minutes: option({
    type: z.number().gt(0).nullable(),
    default: null,
    help: 'ends the run after so many minutes of training, over all sessions; rates, stages and rounds keep up with them',
    tooSmall: 'The plan is over before the towers agree; what time ends cannot be repeated bit for bit.',
    tooLarge: 'The run ends by its length, as if there were no limit.',
    source: 'diptych',
  }),
  evaluateEvery: option({
    type: z.number().gt(0),
    default: 1,
    help: 'evaluates on the val split, and saves, each time so many epochs or steps have passed',
    tooSmall: 'More time for evaluation than for training.',
    tooLarge: 'The best moment falls between two evaluations; more is lost by a crash.',
    source: 'diptych',
  }),
  evaluateUnit: option({
    type: z.enum(['epochs', 'steps']),
    default: 'epochs',
    help: 'what evaluateEvery counts',
    source: 'diptych',
  }),
  saveEvery: option({
    type: z.int().min(0),
    default: 0,
    help: 'saves each time so many steps are done, beside the saves at evaluations; 0 for those alone',
    tooSmall: 'Steps wait for the disk.',
    tooLarge: 'More is done again after a crash.',
    source: 'diptych',
  }),
  logEvery: option({
    type: count,
    default: 20,
    help: 'steps whose means make one line of the log',
    tooSmall: 'Large logs, of noise.',
    tooLarge: 'A run that goes wrong is noticed late.',
    source: 'diptych',
  }),
  warmStart: option({
    type: path.nullable(),
    default: null,
    help: 'folder of a run: parameters of the same names and shapes begin as those of its best checkpoint',
    source: 'diptych',
  }),
  prefetch: option({
    type: count,
    default: 2,
    help: 'batches made ahead while a step computes',
    tooSmall: 'Steps wait when a batch takes long.',
    tooLarge: 'Memory, and nothing gained once no step waits.',
    source: 'diptych',
  }),
  keepLast: option({
    type: count,
    default: 2,
    help: 'newest checkpoints kept beside the best',
    tooSmall: '1 leaves nothing to go back to but the best.',
    tooLarge: 'Each takes three times the weights on disk.',
    source: 'diptych',
  }),
  patience: option({
    type: z.int().min(0),
    default: 0,
    help: 'stops after so many evaluations without a better rSum; 0 never stops early',
    tooSmall: 'Stops at a chance dip, before the learning rate has fallen.',
    tooLarge: 'Waits for what does not come.',
    source: 'diptych',
  }),
  seed: option({
    type: z.int().min(0).max(0xffffffff),
    default: 0,
    help: 'all that is random follows from it: weights, order, dropout, augmentation',
    source: 'diptych',
  }),
});

const run = group('Where the run is written', {
  directory: option({
    type: path.nullable(),
    default: null,
    flag: 'run',
    help: 'folder of configuration, logs and checkpoints; none names one under runs/ after the time',
    source: 'diptych',
  }),
  resume: option({
    type: z.boolean(),
    default: false,
    help: 'goes on from the last checkpoint of that folder, bit for bit',
    source: 'diptych',
  }),
  fromStep: option({
    type: z.int().min(0).nullable(),
    default: null,
    help: 'with resume: goes on from the checkpoint of this step, and sets later ones aside',
    source: 'diptych',
  }),
  extendTo: option({
    type: z.number().gt(0).nullable(),
    default: null,
    help: 'with resume: makes the whole run so many epochs long, or steps where its length was given in steps',
    tooSmall: 'Refused: a run that is under way does not become shorter.',
    tooLarge: 'A schedule that had fallen rises again, and what was learnt late is partly undone.',
    source: 'diptych',
  }),
});

const groups = {
  data,
  features,
  tokens,
  embedding,
  image,
  text,
  heads: headOptions,
  fineTuning: fineTuningOptions,
  augmentation,
  loss,
  optimiser,
  schedule,
  training,
  run,
  machine,
};

/** Kinds of image towers that read pixels rather than stored features. */
export function readsPictures(kind: string): boolean {
  return kind === 'pixels' || kind === 'pretrained';
}

/** What is said of the folder of a model, on both sides. */
type Models = Readonly<Record<'image' | 'text', { readonly kind: string; readonly model: string | null }>>;

function modelFault(values: Models, side: 'image' | 'text'): string | undefined {
  const { kind, model } = values[side];
  const needed = kind === 'pretrained' || (kind === 'vector' && side === 'text');
  if (needed && model === null) return `the ${kind} tower needs the folder of a model: --${side}-model FOLDER`;
  return !needed && model !== null ? `the ${kind} tower has no use for the folder of a model` : undefined;
}

export const engineSchema = defineSchema(groups, [
  {
    options: ['data.valSplit'],
    check: ({ data }) =>
      data.valSplit === 'test' ? 'the test split never chooses a model; take val, or split the rest' : undefined,
  },
  {
    options: ['data.trainSplits', 'data.valSplit'],
    check: ({ data }) =>
      data.trainSplits.includes(data.valSplit) ? 'a split is either trained on or evaluated on' : undefined,
  },
  {
    options: ['data.trainSplits'],
    check: ({ data }) => (data.trainSplits.includes('test') ? 'the test split is never trained on' : undefined),
  },
  {
    options: ['image.imageSize', 'image.patchSize'],
    check: ({ image }) =>
      image.kind === 'pixels' && image.imageSize % image.patchSize !== 0
        ? `${image.imageSize} pixels are no whole number of patches of ${image.patchSize}`
        : undefined,
  },
  {
    options: ['image.width', 'image.heads'],
    check: ({ image }) =>
      image.kind === 'pixels' && image.width % image.heads !== 0
        ? `width ${image.width} cannot be shared evenly by ${image.heads} heads`
        : undefined,
  },
  {
    options: ['text.width', 'text.heads'],
    check: ({ text }) =>
      text.kind === 'transformer' && text.width % text.heads !== 0
        ? `width ${text.width} cannot be shared evenly by ${text.heads} heads`
        : undefined,
  },
  {
    options: ['schedule.floor', 'optimiser.learningRate'],
    check: ({ schedule, optimiser }) =>
      schedule.kind === 'cosine' && schedule.floor > optimiser.learningRate
        ? 'the floor lies above the learning rate'
        : undefined,
  },
  {
    options: ['run.resume', 'run.directory'],
    check: ({ run }) => (run.resume && run.directory === null ? 'name the folder of the run to resume' : undefined),
  },
  {
    options: ['run.fromStep', 'run.resume'],
    check: ({ run }) => (run.fromStep !== null && !run.resume ? 'only a run that is resumed has steps' : undefined),
  },
  {
    options: ['run.extendTo', 'run.resume'],
    check: ({ run }) => (run.extendTo !== null && !run.resume ? 'only a run that is resumed is extended' : undefined),
  },
  {
    options: ['augmentation.wordShares'],
    check: ({ augmentation }) =>
      augmentation.wordShares.every((share) => share === 0) ? 'one of the three shares must be above 0' : undefined,
  },
  {
    options: ['image.kind', 'features.file'],
    check: ({ image, features }) =>
      readsPictures(image.kind) && features.file !== null
        ? `a tower of kind ${image.kind} reads pictures, not features`
        : undefined,
  },
  ...(['image', 'text'] as const).map((side) => ({
    options: [`${side}.kind`, `${side}.model`],
    check: (values: Models) => modelFault(values, side),
  })),
]);

export type EngineMembers = (typeof engineSchema)['members'];
/** Values of these options. */
export type EngineValues = ValuesOf<EngineMembers>;
