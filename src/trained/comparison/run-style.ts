/** @file Colours of lines, dots and bars, by position. */

/** Eight colours that also differ in lightness, for both schemes; letters or names tell further ones apart. */
const colours = ['#24588f', '#b4521c', '#2c7a4b', '#8a4fa3', '#b48a3c', '#3a8f9a', '#a33255', '#6a645b'];
const bright = ['#7db3ec', '#f09a62', '#6cc492', '#c796e0', '#d3ac63', '#7fd0d8', '#ee8aa6', '#b5aea3'];
const rules = (list: readonly string[]): string => list.map((colour, i) => `.r${i} { --run: ${colour}; }`).join(' ');

/** Rules for `.run` (a line), `.dot`, `.bar` and `.letter`, coloured by `.r0` to `.r7`. */
export const runStyle = `
${rules(colours)}
@media (prefers-color-scheme: dark) { ${rules(bright)} }
.run { fill: none; stroke: var(--run); stroke-width: 2.2; stroke-linejoin: round; }
.dot, .bar { fill: var(--run); }
svg text.letter { fill: var(--ink); font-weight: 600; }
`;
