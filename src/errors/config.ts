/** @file Errors of options: configuration files, variables, flags and presets. */
import { entry } from './entry.ts';
import { meant } from './meant.ts';

/** Exit code of a command that was written wrongly. */
const usage = 2;

export const configErrors = {
  DIPTYCH_CONFIG_KEY: entry<{ place: string; key: string; suggestions: readonly string[] }>({
    message: ({ place, key, suggestions }) => `${place}: ${key} is not an option${meant(suggestions)}`,
    why: 'A configuration file or a preset holds a name that the command does not know. It is refused rather than ignored: a misspelt learning rate would cost a day.',
    cure: 'Correct the name or take it out; `diptych config explain VERB` lists the names that VERB knows.',
    exit: usage,
  }),
  DIPTYCH_CONFIG_VALUE: entry<{ place: string; option: string; value: string; expected: string }>({
    message: ({ place, option, value, expected }) => `${place}: ${option} cannot be ${value}: expected ${expected}`,
    why: 'The value of an option has the wrong type or lies outside what the option allows.',
    cure: 'Give a value of the expected form; `diptych config explain VERB OPTION` says what it does when small or large.',
    exit: usage,
  }),
  DIPTYCH_CONFIG_REQUIRED: entry<{ option: string; flag: string; variable: string }>({
    message: ({ option, flag }) => `${option} has no default: give it, for example with --${flag}`,
    why: 'An option that has no sensible default was given neither by a flag, nor a variable, nor the file, nor the preset.',
    cure: 'Give the flag, or set the key in the configuration file, or its DIPTYCH_… variable.',
    exit: usage,
  }),
  DIPTYCH_CONFIG_RULE: entry<{ options: readonly string[]; reason: string }>({
    message: ({ options, reason }) => `${options.join(', ')}: ${reason}`,
    why: 'Each value is legal by itself, but together they contradict each other.',
    cure: 'Change one of the named options; `diptych config explain VERB` says where each value came from.',
    exit: usage,
  }),
  DIPTYCH_PRESET_UNKNOWN: entry<{ preset: string; known: readonly string[]; suggestions: readonly string[] }>({
    message: ({ preset, known, suggestions }) =>
      `there is no preset ${preset}${meant(suggestions)}${suggestions.length ? '' : ` (there ${known.length ? `are ${known.join(', ')}` : 'are none'})`}`,
    why: 'The name after --preset, or the `preset` of a configuration file, is not one of the presets of this command.',
    cure: 'Take one of the presets that `--help` lists.',
    exit: usage,
  }),
} as const;
