import { expect, test } from 'vitest';
import { commandText } from './command.ts';

test('words that a shell would take apart stand in quotes', () => {
  expect(commandText(['diptych', 'train', '--data', "a b's", 'x=1'])).toBe("diptych train --data 'a b'\\''s' x=1");
});
