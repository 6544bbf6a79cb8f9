import fc from 'fast-check';
import { expect, test } from 'vitest';
import { isDiptychError } from '../errors/error.ts';
import { Refusal } from './program.ts';
import { readTarget } from './target.ts';

const words = fc.oneof(
  fc.constantFrom(
    '--epochs',
    '--epochs=2',
    '--no-mlp',
    '--mlp=1',
    '--layers',
    '--loss',
    'hinge-sum',
    '3',
    '-1',
    '--',
    '-x',
  ),
  fc.constantFrom(
    '--training.epochs',
    '--groups',
    '[{"pattern":"*"}]',
    '[{',
    'none',
    '--betas',
    '0.9,0.99',
    '--config',
  ),
  fc.constantFrom(
    'epochs',
    'loss.kind',
    'constructor',
    '__proto__',
    '--__proto__',
    '--constructor',
    '--no-constructor',
    '',
  ),
  fc.string({ maxLength: 6 }),
);

test('whatever is written after a verb is understood, or refused with a code', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(words, { maxLength: 6 }), async (written) => {
      const target = await readTarget(['train', ...written]).catch((error: unknown) => error);
      const refused = target instanceof Refusal || isDiptychError(target);
      if (refused) expect(target).not.toMatchObject({ code: 'DIPTYCH_INTERNAL' });
      else expect(target).toMatchObject({ entry: { verb: 'train' }, settled: { settings: expect.any(Array) } });
    }),
    { numRuns: 400 },
  );
});

test('options are found by any of their names', async () => {
  for (const name of ['optimiser.learningRate', 'learning-rate', 'optimiser.learning-rate']) {
    const { named } = await readTarget(['train', name]);
    expect(named.map((option) => option.name)).toEqual(['optimiser.learningRate']);
  }
  await expect(readTarget(['train', 'learningrat'])).rejects.toThrow(
    'train: learningrat is not an option; did you mean optimiser.learningRate?',
  );
});
