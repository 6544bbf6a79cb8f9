import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { diptych, fromSources } from '../testing/diptych.ts';
import { temporaryFolder } from '../testing/temporary.ts';

/** The one line of JSON on stdout; anything else there is a failure. */
function jsonOf(stdout: string): Record<string, unknown> {
  expect(stdout.split('\n')).toHaveLength(2);
  return JSON.parse(stdout);
}

test('a verb of two words has a help of its own, its words and the global options in it', async () => {
  const { code, stdout, stderr } = await diptych(['config', 'explain', '--help']);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(stdout).toBe(`Usage: diptych config explain [options] <verb> [rest...]

every option of a verb: its value and who gave it; or all about one option

Arguments:
  verb           the verb whose options are meant
  rest           names of options, and flags as one would give them to the verb

Options:
  -h, --help     display help for command

Global Options:
  -V, --version  print the version
  --json         print one line of JSON on stdout and nothing else there
  --verbose      with an error, print the stack and what lies underneath
`);
  expect(await diptych(['help', 'config', 'explain'])).toEqual({ code, stdout, stderr });
  const program = fromSources();
  expect(await diptych(['config', 'explain', '--help'], { program })).toEqual({ code, stdout, stderr });
});

test.each([
  [['doctr'], 2, 'DIPTYCH_VERB_UNKNOWN: there is no verb doctr; did you mean doctor?'],
  [['config', 'explian'], 2, 'DIPTYCH_VERB_UNKNOWN: there is no verb config explian; did you mean explain?'],
  [['doctor', '--verbos'], 2, 'DIPTYCH_FLAG_UNKNOWN: diptych doctor has no flag --verbos; did you mean --verbose?'],
  [['doctor', 'now'], 2, 'DIPTYCH_ARGUMENT_EXCESS: diptych doctor does not know what to do with "now"'],
  [['config', 'show'], 2, 'DIPTYCH_ARGUMENT_MISSING: diptych config show needs VERB'],
  [
    ['config', 'show', 'train', '--lr', '1'],
    2,
    'DIPTYCH_FLAG_UNKNOWN: diptych train has no flag --lr; did you mean --learning-rate?',
  ],
  [
    ['config', 'show', 'train', '--layers=2'],
    2,
    'DIPTYCH_FLAG_UNKNOWN: diptych train has no flag --layers; did you mean --image.layers or --text.layers?',
  ],
  [['config', 'show', 'train', '--epochs'], 2, 'DIPTYCH_FLAG_VALUE: --epochs needs a value'],
  [
    ['config', 'show', 'train', '--config', 'nowhere.json'],
    1,
    'DIPTYCH_FILE_MISSING: nowhere.json: no such file or folder',
  ],
] as [string[], number, string][])('%j is refused with the exit code %i', async (words, exit, message) => {
  const { code, stdout, stderr } = await diptych(words);
  const [first, cure, end] = stderr.split('\n');
  expect({ code, stdout }).toEqual({ code: exit, stdout: '' });
  expect(first.slice(0, message.length)).toBe(message);
  expect(cure).toMatch(/^ {2}[A-Z].*\.$/);
  expect(end).toBe('');
});

test('with --json an error is one line on stdout, and told to people on stderr; --verbose adds the stack', async () => {
  const words = ['config', 'show', 'train', '--epochs', 'many', '--json', '--verbose'];
  const { code, stdout, stderr } = await diptych(words);
  expect(code).toBe(2);
  const { error } = jsonOf(stdout) as { error: Record<string, string> };
  expect(error.code).toBe('DIPTYCH_CONFIG_VALUE');
  expect(error.message).toBe('--epochs: training.epochs cannot be "many": expected number, above 0');
  expect(stderr).toContain(error.cure);
  expect(stderr).toMatch(/\n {4}at .*read\.js/);
});

test('nothing but a verb is missing: the help is printed and the exit code tells', async () => {
  const { code, stdout, stderr } = await diptych([]);
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  expect(stderr).toContain('Usage: diptych <verb>');
});

test('config explain says who gave each value: flag, variable, file, default', async () => {
  const config = join(temporaryFolder(), 'run.json');
  writeFileSync(config, '{ "training": { "epochs": 20, "seed": 7 }, "image": { "mlp": false } }');
  const words = ['config', 'explain', 'train', '--config', config, '--epochs', '30', '--mlp', '--json'];
  const environment = { DIPTYCH_TRAINING_EPOCHS: '25', DIPTYCH_LOSS_MARGIN: '0.3' };
  const { code, stdout } = await diptych(words, { environment });
  expect(code).toBe(0);
  const { options } = jsonOf(stdout) as { options: { name: string; value: unknown; from: string }[] };
  const told = options.filter(({ from }) => from !== 'default').map(({ name, value, from }) => [name, value, from]);
  expect(told).toEqual([
    ['data.path', null, null],
    ['image.mlp', true, 'flag'],
    ['loss.margin', 0.3, 'environment'],
    ['training.epochs', 30, 'flag'],
    ['training.seed', 7, 'file'],
  ]);
  expect(options.find(({ name }) => name === 'training.epochs')).toMatchObject({
    where: '--epochs',
    overridden: [
      { value: 25, from: 'environment', where: 'DIPTYCH_TRAINING_EPOCHS' },
      { value: 20, from: 'file', where: config },
      { value: 10, from: 'default' },
    ],
  });
});

test('a variable that names no option is noted, not refused: linked services make such variables by themselves', async () => {
  const environment = {
    DIPTYCH_TRAINING_EPOCH: '5',
    DIPTYCH_PORT: 'tcp://10.0.0.1:80',
    DIPTYCH_PEER_PYTHON: 'python3',
  };
  const { code, stderr } = await diptych(['config', 'show', 'train', 'epochs'], { environment });
  expect({ code, stderr }).toEqual({
    code: 0,
    stderr:
      'DIPTYCH_TRAINING_EPOCH names no option; did you mean DIPTYCH_TRAINING_EPOCHS?\nDIPTYCH_PORT names no option\n',
  });
});

test('config explain tells all about one option', async () => {
  const { stdout } = await diptych(['config', 'explain', 'train', 'learning-rate', '--learning-rate', '1e-3']);
  expect(stdout).toBe(`optimiser.learningRate: step size at its highest, after the warm-up
  Too small: The loss falls slowly and the schedule ends before it is low.
  Too large: The loss jumps or stays where it began; with hinge-hardest the towers collapse.
  Takes:    number, above 0
  Value:    0.001 (flag --learning-rate, over 0.0005 of default)
  Default:  0.0005, from official code
  Flag:     --learning-rate, --optimiser.learning-rate
  Variable: DIPTYCH_OPTIMISER_LEARNING_RATE
`);
});

test('what config show prints is a file that gives the same values', async () => {
  const first = await diptych([
    'config',
    'show',
    'train',
    '--data',
    'photos',
    '--image.layers',
    '6',
    '--no-learn-temperature',
  ]);
  const config = join(temporaryFolder(), 'shown.json');
  writeFileSync(config, first.stdout);
  const second = await diptych(['config', 'show', 'train', '--config', config]);
  expect(second).toEqual(first);
  expect(JSON.parse(first.stdout)).toMatchObject({
    data: { path: 'photos' },
    image: { layers: 6 },
    loss: { learnTemperature: false },
  });
});

test('config schema prints a JSON Schema', async () => {
  const { stdout } = await diptych(['config', 'schema', 'train']);
  expect(JSON.parse(stdout).properties.training.properties.epochs).toMatchObject({ default: 10 });
});
