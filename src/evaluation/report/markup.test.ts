import fc from 'fast-check';
import { expect, test } from 'vitest';
import { html } from './markup.ts';

test('strings are escaped, markup is not, lists are joined, nothing stays nothing', () => {
  const inner = html`<b>${'a & b'}</b>`;
  expect(html`<p title="${'"x"'}">${[inner, ' < ', 3, undefined, false]}</p>`.markup).toBe(
    '<p title="&#34;x&#34;"><b>a &#38; b</b> &#60; 3</p>',
  );
});

test('no text can open a tag, end an attribute or start an entity, and all of it arrives', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), (text) => {
      const { markup } = html`${text}`;
      expect(markup).not.toMatch(/[<>"']|&(?!#\d+;)/);
      expect(markup.replaceAll(/&#(\d+);/g, (_, code) => String.fromCharCode(Number(code)))).toBe(text);
    }),
  );
});
