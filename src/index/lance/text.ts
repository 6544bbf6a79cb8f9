/**
 * @file Strings as LanceDB keeps them: the same order, the same parts, every string of JavaScript.
 *
 * LanceDB holds UTF-8, ordered by code point; JavaScript compares by UTF-16 code unit, cuts pairs of surrogates in two,
 * and has strings that UTF-8 cannot hold. So each code unit u is kept as one code point of its own, in the same order:
 *
 *     u < D800            u            nearly all text is kept as it is
 *     D800 <= u < E000    u + 800      surrogates lie in E000 to E7FF
 *     u >= E000           u + 2000     the rest lies in 10000 to 11FFF
 *
 * Then less than, equals and contains of kept texts are those of JavaScript.
 */

/** A code point that no kept text holds. It separates the items of a list. */
export const SEPARATOR = '\u{10ffff}';

const beyond = /[\ud800-\uffff]/;

/** The text to keep. */
export function kept(text: string): string {
  if (!beyond.test(text)) return text;
  let out = '';
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    out += String.fromCodePoint(unit < 0xd800 ? unit : unit < 0xe000 ? unit + 0x800 : unit + 0x2000);
  }
  return out;
}

/** The text that was kept. */
export function unkept(text: string): string {
  if (!beyond.test(text)) return text;
  let out = '';
  for (const letter of text) {
    const point = letter.codePointAt(0)!;
    out += String.fromCharCode(point < 0xe000 ? point : point < 0x10000 ? point - 0x800 : point - 0x2000);
  }
  return out;
}
