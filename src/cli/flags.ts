/** @file Options as flags: what commander is told of a schema, and what it understood. */
import { type Command, Option } from 'commander';
import { describe, isSwitch, placeholder } from '../config/form.ts';
import { defaultText } from '../config/page.ts';
import type { Preset } from '../config/presets.ts';
import type { Layers } from '../config/resolve.ts';
import type { NamedOption, Schema } from '../config/schema.ts';

/** Longer lists of choices stand in the description instead of beside the flag. */
const WIDEST_PLACEHOLDER = 26;

/** Gives a command a flag for each option of a schema, and `--config` and `--preset`. */
export function addFlags(command: Command, schema: Schema, presets: readonly Preset[]): void {
  for (const named of schema.options) {
    for (const flag of flagsOf(named)) command.addOption(flag.helpGroup(headingOf(named, schema)));
  }
  if (schema.options.length === 0) return;
  const heading = 'Where values come from';
  if (presets.length > 0) {
    const list = presets.map(({ name, summary }) => `${name}: ${summary}`).join('; ');
    command.addOption(new Option('--preset <name>', list).helpGroup(heading));
  }
  command.addOption(new Option('--config <path>', 'JSON file of values').helpGroup(heading));
}

/** `--short, --group.name <value>`; a switch has its `--no-…` as well, which the help shows in one line with it. */
function flagsOf({ flag, short, option }: NamedOption): Option[] {
  const names = (prefix: string): string =>
    [short, flag].flatMap((name) => (name ? [`--${prefix}${name}`] : [])).join(', ');
  const value = option.repeated ? '<text>' : placeholder(option.type);
  if (isSwitch(option.type)) {
    return [new Option(names(''), `${option.help}${defaultNote(option)}`), new Option(names('no-')).hideHelp()];
  }
  const wide = value.length > WIDEST_PLACEHOLDER;
  const told = [option.help, ...(wide ? [describe(option.type)] : [])].join('; ');
  const valued = new Option(`${names('')} ${wide ? '<choice>' : value}`, `${told}${defaultNote(option)}`);
  return [option.repeated ? valued.argParser(oneMore) : valued];
}

/** A list as the text that the type reads, with one more item. */
function oneMore(text: string, before: string | undefined): string {
  return JSON.stringify([...(before === undefined ? [] : JSON.parse(before)), text]);
}

/** What holds without the flag; nothing is said where that is nothing. */
function defaultNote({ default: value, ...rest }: NamedOption['option']): string {
  if (value === undefined) return ' (required)';
  if (value === null || (Array.isArray(value) && value.length === 0)) return '';
  return ` (default ${defaultText({ default: value, ...rest })})`;
}

/** How a flag is shown: its short form alone, a switch with its negation. */
export function termOf(flag: Option): string {
  const value = /<.*$/.exec(flag.flags)?.[0] ?? '';
  const name = flag.short?.startsWith('--') ? flag.short : flag.flags.replace(/ <.*$/, '');
  const isNegatable = value === '' && flag.attributeName().includes('.');
  return `${isNegatable ? name.replace('--', '--[no-]') : name} ${value}`.trim();
}

/** The heading of an option: its outermost group. */
function headingOf({ name }: NamedOption, schema: Schema): string {
  const key = name.split('.')[0];
  const member = schema.members[key];
  return member.node === 'group' ? `${member.help} (${key})` : 'Options';
}

/** What was written on the command line, as layers of values. */
export interface Written {
  readonly flags: NonNullable<Layers['flags']>;
  readonly preset: string | undefined;
  readonly config: string | undefined;
}

/** Reads what commander understood. */
export function writtenFlags(command: Command, schema: Schema): Written {
  const options = command.opts<Record<string, string | boolean>>();
  const flags: Record<string, string | boolean> = {};
  for (const named of schema.options) {
    const key = flagsOf(named)[0].attributeName();
    if (command.getOptionValueSource(key) === 'cli') flags[named.name] = options[key];
  }
  return { flags, preset: options.preset as string | undefined, config: options.config as string | undefined };
}
