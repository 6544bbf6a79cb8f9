/** @file The facts without which a number cannot be compared with another, as rows of a table. */
import { counted } from '../../system/counted.ts';
import type { EvaluationResult } from '../result.ts';
import { count, tenth } from './numbers.ts';

/** Name and value. */
export type Fact = readonly [name: string, value: string];

/** Everything the result states of its protocol. */
export function facts(result: EvaluationResult): Fact[] {
  const { protocol, ties } = result;
  const { min, max, mean } = protocol.captionsPerImage;
  const optional = (name: string, value: string | number | undefined): Fact[] =>
    value === undefined ? [] : [[name, String(value)]];
  return [
    ['Split', result.split],
    ['Pictures, captions', `${count(result.images)}, ${count(result.captions)}`],
    ['Captions per picture', min === max ? count(min) : `${count(min)} to ${count(max)}, ${tenth(mean)} on average`],
    ['Protocol', protocol.folds === 1 ? 'whole split as one gallery' : counted(protocol.folds, 'contiguous fold')],
    ['Tie rule', ties.rule === 'pessimistic' ? 'against the model' : 'for the model'],
    ['Model', protocol.members === 1 ? 'single' : `ensemble of ${protocol.members}, mean of scores`],
    ['Features', protocol.featureSource],
    ...optional('Selected on', protocol.selectedOn),
    ...optional('Seeds', protocol.seeds?.join(', ')),
    ...optional('Checkpoint', protocol.checkpoint),
    ...optional('Encoding', protocol.encodeSeconds === undefined ? undefined : `${tenth(protocol.encodeSeconds)} s`),
    ...optional('Index', protocol.indexBytes === undefined ? undefined : `${count(protocol.indexBytes)} bytes`),
    ...optional(
      'Query',
      protocol.queryMilliseconds === undefined ? undefined : `${tenth(protocol.queryMilliseconds)} ms`,
    ),
    ...optional(
      'Test run of this run directory',
      protocol.testRun === undefined ? undefined : `number ${protocol.testRun}`,
    ),
    ['Split hash', protocol.splitHash],
  ];
}
