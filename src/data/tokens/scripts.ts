/** @file The writing systems that a text uses. */

/** Unicode names of the scripts that living languages are written in. */
const names = [
  'Adlam',
  'Arabic',
  'Armenian',
  'Balinese',
  'Bengali',
  'Bopomofo',
  'Canadian_Aboriginal',
  'Cherokee',
  'Cyrillic',
  'Devanagari',
  'Ethiopic',
  'Georgian',
  'Greek',
  'Gujarati',
  'Gurmukhi',
  'Han',
  'Hangul',
  'Hebrew',
  'Hiragana',
  'Javanese',
  'Kannada',
  'Katakana',
  'Khmer',
  'Lao',
  'Latin',
  'Malayalam',
  'Meetei_Mayek',
  'Mongolian',
  'Myanmar',
  'New_Tai_Lue',
  'Nko',
  'Ol_Chiki',
  'Oriya',
  'Sinhala',
  'Sundanese',
  'Syriac',
  'Tai_Le',
  'Tamil',
  'Telugu',
  'Thaana',
  'Thai',
  'Tibetan',
  'Tifinagh',
  'Vai',
  'Yi',
] as const;

const patterns = names.map((name) => ({ name, pattern: new RegExp(`\\p{Script=${name}}`, 'u') }));
const otherLetter = new RegExp(
  `(?=\\p{L})[^\\p{Script=Common}\\p{Script=Inherited}${names.map(inClass).join('')}]`,
  'u',
);

function inClass(name: string): string {
  return `\\p{Script=${name}}`;
}

/** Names of the scripts of the letters of a text, in alphabetical order; `Other` for letters of historical scripts. */
export function scriptsOf(text: string): string[] {
  const found: string[] = patterns.filter(({ pattern }) => pattern.test(text)).map(({ name }) => name);
  return otherLetter.test(text) ? [...found, 'Other'] : found;
}
