/** @file The page of all options, made from their tables: docs/options.md. */
import { describe, isSwitch, textOfValue } from './form.ts';
import type { Group, Members, Option } from './option.ts';
import type { Preset } from './presets.ts';
import { type NamedOption, type Schema, walk } from './schema.ts';

/** What one verb understands. */
export interface OptionsOfVerb {
  readonly verb: string;
  readonly schema: Schema;
  readonly presets: readonly Preset[];
}

const opening = `# Options

Made from the tables in \`src/config\` by \`npm run docs\`; a test keeps it current.

Every option has one name in four places. \`optimiser.learningRate\` is

- the key in a configuration file (\`--config FILE\`, plain JSON): \`{ "optimiser": { "learningRate": 0.0005 } }\`,
- the flag \`--optimiser.learning-rate\`, with the short form given below where no other option could be meant,
- the variable \`DIPTYCH_OPTIMISER_LEARNING_RATE\`,
- what \`diptych config explain VERB\` lists, with its value and who gave it.

Where several give a value, the flag counts before the variable, the variable before the file, the file before the
preset, the preset before the default. \`none\` stands for \`null\`. A switch is \`--name\` or \`--no-name\`.

In brackets stands where a default comes from: the paper of the method, its official code, the public code of related
work, a choice reconstructed here because none of them says, or diptych where it is ours.
`;

/** The whole page. */
export function optionsPage(verbs: readonly OptionsOfVerb[]): string {
  return [opening, ...verbs.map(verbSection)].join('\n');
}

function verbSection({ verb, schema, presets }: OptionsOfVerb): string {
  const sections = [`## diptych ${verb}\n`];
  if (presets.length > 0) sections.push(...presets.map(presetSection));
  walk(schema.members, '', (name, member) => {
    if (member.node === 'group') sections.push(groupSection(name, member, schema));
  });
  const loose = optionsIn(schema.members, '', schema);
  if (loose.length > 0) sections.splice(1, 0, list(loose));
  return sections.join('\n');
}

function presetSection({ name, summary, notes, expect }: Preset): string {
  return `**\`--preset ${name}\`**: ${summary}\n\n${notes}\n\nExpect: ${expect}\n`;
}

function groupSection(name: string, group: Group, schema: Schema): string {
  return `### ${name}: ${group.help}\n\n${list(optionsIn(group.members, `${name}.`, schema))}`;
}

/** The options directly in a group, not those of groups inside it. */
function optionsIn(members: Members, prefix: string, schema: Schema): NamedOption[] {
  const names = Object.keys(members).map((key) => prefix + key);
  return schema.options.filter(({ name }) => names.includes(name));
}

function list(options: readonly NamedOption[]): string {
  return options.map((named) => `${item(named)}\n`).join('');
}

function item({ name, flag, short, option }: NamedOption): string {
  const given = option.default === undefined ? 'required' : `default ${code(defaultText(option))} (${option.source})`;
  const lines = [
    `- ${code(name)}, ${code(`--${short ?? flag}`)}: ${plain(option.help)}.`,
    `Takes ${plain(describe(option.type))}; ${given}.`,
  ];
  return [lines.join(' '), ...consequences(option).map((line) => `  - ${plain(line)}`)].join('\n');
}

/** The default as it would be written. */
export function defaultText(option: Option): string {
  if (option.default === undefined) return 'none, it has to be given';
  return Array.isArray(option.default) && option.default.length === 0 ? 'empty' : textOfValue(option.default);
}

/** What is seen when a value is too small or too large, off or on. */
export function consequences({ type, tooSmall, tooLarge }: Option): string[] {
  const [small, large] = isSwitch(type) ? ['Off', 'On'] : ['Too small', 'Too large'];
  return [...(tooSmall ? [`${small}: ${tooSmall}`] : []), ...(tooLarge ? [`${large}: ${tooLarge}`] : [])];
}

function code(text: string): string {
  return `\`${text}\``;
}

/** Text that Markdown leaves as it is. */
function plain(text: string): string {
  return text.replace(/[<>]/g, (mark) => (mark === '<' ? '&lt;' : '&gt;'));
}
