/** @file `doctor`: looks at the machine, and says what is missing and how to mend it. */
import { defineSchema } from '../../config/schema.ts';
import { allChecks, type Check } from '../doctor/checks.ts';
import { machineText } from '../machine.ts';
import { defineVerb } from '../verb.ts';

export const verb = defineVerb({
  schema: defineSchema({}),
  async run({ print }) {
    const checks = await allChecks();
    const width = Math.max(...checks.map(({ name }) => name.length));
    for (const check of checks) print(lineOf(check, width));
    const ok = checks.every((check) => check.ok || !check.needed);
    print(ok ? 'Diptych can work here.' : 'Diptych cannot work here yet.');
    return { json: { ok, machine: machineText(), checks }, exit: ok ? 0 : 1 };
  },
});

/** `ok      sharp   0.35.5`, with the cure below what is missing. */
function lineOf({ name, ok, needed, detail, cure }: Check, width: number): string {
  const mark = ok ? 'ok     ' : needed ? 'MISSING' : 'without';
  const line = `${mark}  ${name.padEnd(width)}  ${detail}`;
  return cure ? `${line}\n${' '.repeat(9 + width + 2)}${cure}` : line;
}
