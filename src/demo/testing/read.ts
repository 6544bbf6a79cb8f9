/** @file Reads a caption back, by tables of its own, so that tests do not trust the grammar that wrote it. */

export interface SaidObject {
  readonly size: string | undefined;
  readonly colour: string;
  readonly shape: string;
  /** Such as `in the top left corner`; undefined if nothing is said. */
  place?: string;
}

export interface Said {
  readonly objects: readonly SaidObject[];
  /** Positions of subject and object among the objects. */
  readonly relations: readonly { readonly words: string; readonly subject: number; readonly object: number }[];
  readonly background: { readonly colour?: string; readonly pattern?: string };
  readonly count: number | undefined;
  /** The text with its objects, places, relations and background taken out. */
  readonly skeleton: string;
}

const synonyms: Readonly<Record<string, string>> = {
  little: 'small',
  tiny: 'small',
  'medium-sized': 'medium',
  big: 'large',
  huge: 'large',
  violet: 'purple',
  disc: 'circle',
  hoop: 'ring',
  plus: 'cross',
  rhombus: 'diamond',
  crescent: 'moon',
  gray: 'grey',
  cream: 'beige',
  'pale blue': 'light blue',
  'navy blue': 'dark blue',
  'pale green': 'light green',
  stripes: 'striped',
  dots: 'dotted',
  checks: 'checked',
  chequered: 'checked',
};
const plain = (word: string) => synonyms[word] ?? word;

const sizes = 'small|little|tiny|medium-sized|large|big|huge';
const colours = 'red|orange|yellow|green|blue|purple|violet|pink|brown|black|white';
const shapes = 'circle|disc|square|triangle|star|ring|hoop|cross|plus|diamond|rhombus|heart|moon|crescent';
const noun = new RegExp(`\\ban? (?:(${sizes}) )?(${colours}) (${shapes})\\b`, 'g');
const ground = /\b(?:on|against) an? ((?:[a-z]+ )+)(?:background|backdrop)(?: with ([a-z]+))?/;
const place =
  /\b(?:in the (?:middle|centre|(?:top|upper|bottom|lower)) ?(?:of the (?:picture|\w+ edge)|(?:left|right) corner)?|at the (?:top|bottom|middle)(?: left| right| centre)?|near the (?:top|bottom)|on the (?:left|right)(?: side)?)(?= |,|$)/g;
const relation =
  /\b(?:above|over|higher than|below|under|beneath|to the left of|left of|to the right of|right of|next to|beside|inside|within|around|surrounding)\b/g;

/** Reads a caption. @throws Error if it holds a word that belongs to no part */
export function read(text: string): Said {
  let rest = text.toLowerCase().replace(/\.$/, '');
  const groundMatch = ground.exec(rest);
  const background = groundMatch === null ? {} : readGround(groundMatch[1], groundMatch[2]);
  rest = rest.replace(ground, '').replace(/^, /, '').trim();
  const objects: SaidObject[] = [];
  rest = rest.replace(noun, (_, size: string | undefined, colour: string, shape: string) => {
    objects.push({ size: size && plain(size), colour: plain(colour), shape: plain(shape) });
    return `#${objects.length - 1}`;
  });
  const relationWords: string[] = [];
  rest = rest.replace(relation, (words) => `@${relationWords.push(words) - 1}`);
  let placed = 0;
  rest = rest.replace(place, (words) => {
    objects[placed++].place = words;
    return '&';
  });
  const said = { objects, relations: readRelations(rest, relationWords), background };
  const counts = /\b(?:only|just|nothing but|one shape|two shapes|three shapes)\b/.test(rest);
  return { ...said, count: counts ? objects.length : undefined, skeleton: rest };
}

function readGround(words: string, after: string | undefined): Said['background'] {
  const known = /(?:light |dark |pale |navy )?(?:white|gr[ea]y|black|beige|cream|blue|green)/;
  const colour = known.exec(words)?.[0];
  const pattern = /plain|striped|dotted|checked|chequered/.exec(words)?.[0] ?? after;
  const left = words.replace(known, '').replace(/plain|striped|dotted|checked|chequered/, '');
  if (colour === undefined || left.trim() !== '') throw new Error(`cannot read background "${words}"`);
  return { colour: plain(colour), ...(pattern === undefined ? {} : { pattern: plain(pattern) }) };
}

function readRelations(text: string, words: readonly string[]): Said['relations'] {
  return words.map((relationWords, i) => {
    const at = (pattern: string) => new RegExp(pattern.replaceAll('@', `@${i}`)).exec(text)?.slice(1).map(Number);
    // "y with x above it", "above y there is x", "x above y and left of z", "x above y".
    const inverted = at('#(\\d) with #(\\d) @ it');
    if (inverted) return { words: relationWords, subject: inverted[1], object: inverted[0] };
    const leading = at('^@ #(\\d) there is #(\\d)');
    if (leading) return { words: relationWords, subject: leading[1], object: leading[0] };
    const second = at('#(\\d)(?: is)? [^#]*#\\d and @ #(\\d)');
    if (second) return { words: relationWords, subject: second[0], object: second[1] };
    const straight = at('#(\\d)(?: is| can be seen)? @ #(\\d)');
    if (straight) return { words: relationWords, subject: straight[0], object: straight[1] };
    throw new Error(`cannot read relation ${i} of "${text}"`);
  });
}
