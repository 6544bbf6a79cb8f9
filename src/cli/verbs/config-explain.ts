/** @file `config explain`: every option with its value and who gave it, or all there is to know of one. */
import { describe, textOfValue } from '../../config/form.ts';
import { consequences, defaultText } from '../../config/page.ts';
import type { Given, Setting } from '../../config/resolve.ts';
import { defineSchema } from '../../config/schema.ts';
import { readTarget, targetWords } from '../target.ts';
import { defineVerb } from '../verb.ts';

export const verb = defineVerb({
  schema: defineSchema({}),
  words: targetWords,
  takesAll: true,
  async run({ words, print }) {
    const { entry, named, settled } = await readTarget(words);
    const { preset } = settled;
    const settings = settled.settings.filter(({ option }) => named.length === 0 || named.includes(option));
    if (named.length > 0) print(settings.map(aboutOne).join('\n\n'));
    else {
      if (preset) print(`${preset.name}: ${preset.summary}\n\n${preset.notes}\n\nExpect: ${preset.expect}\n`);
      print(settings.length > 0 ? list(settings) : `${entry.verb} has no options`);
    }
    return { json: { verb: entry.verb, preset: preset?.name ?? null, options: settings.map(jsonOf) } };
  },
});

/** One line an option: `epochs = 3   flag --epochs, over 30 of preset vse++`. */
function list(settings: readonly Setting[]): string {
  const left = settings.map(({ option, given }) => `${option.name} = ${given[0] ? textOfValue(given[0].value) : '?'}`);
  const width = Math.min(48, Math.max(...left.map(({ length }) => length)));
  return settings.map(({ given }, i) => `${left[i].padEnd(width)}  ${givers(given)}`).join('\n');
}

function givers(given: readonly Given[]): string {
  if (given.length === 0) return 'must be given';
  const [first, ...others] = given;
  const over = others.map((other) => `${textOfValue(other.value)} of ${giver(other)}`);
  return over.length === 0 ? giver(first) : `${giver(first)}, over ${over.join(', ')}`;
}

function giver({ origin: { from, where } }: Given): string {
  return from === 'default' ? 'default' : `${from} ${where}`;
}

/** All there is to know of one option. */
function aboutOne({ option: { name, flag, short, variable, option }, given }: Setting): string {
  return [
    `${name}: ${option.help}`,
    ...consequences(option).map((line) => `  ${line}`),
    `  Takes:    ${describe(option.type)}`,
    `  Value:    ${given[0] ? textOfValue(given[0].value) : '?'} (${givers(given)})`,
    `  Default:  ${defaultText(option)}, from ${option.source}`,
    `  Flag:     ${short === undefined ? '' : `--${short}, `}--${flag}`,
    `  Variable: ${variable}`,
  ].join('\n');
}

function jsonOf({ option: { name }, given }: Setting): unknown {
  const [first = { value: null, from: null, where: null }, ...overridden] = given.map(({ value, origin }) => ({
    value,
    ...origin,
  }));
  return { name, ...first, overridden };
}
