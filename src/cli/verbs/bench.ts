/** @file `bench NAME`: ours and the peer's in one run, with the machine and the commit. */
import { defineSchema } from '../../config/schema.ts';
import { benchmarkNames, commitOf, runBenchmark } from '../benchmark.ts';
import { machineText } from '../machine.ts';
import { figureText } from '../progress/words.ts';
import { defineVerb } from '../verb.ts';

export const verb = defineVerb({
  schema: defineSchema({}),
  words: [{ name: 'name', help: 'the benchmark; left out, their names are listed', optional: true }],
  async run({ words: [wanted], print }) {
    if (wanted === undefined) {
      const names = benchmarkNames();
      print(names.join('\n'));
      return { json: { names } };
    }
    const { name, ours, peer, ratio, unit } = await runBenchmark(wanted);
    const result = { name, ours, peer, ratio, unit, machine: machineText(), commit: commitOf() };
    print(`${name}: ours ${figureText(ours)} ${unit}, peer ${figureText(peer)} ${unit}, ratio ${figureText(ratio)}`);
    print(`${result.machine}; commit ${result.commit}`);
    return { json: result };
  },
});
