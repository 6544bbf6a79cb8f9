import { expect, test } from 'vitest';
import { DiptychError } from '../errors/error.ts';
import { codedError, describeFailure, failureJson, isForeseen } from './failure.ts';

const cause = new TypeError('underneath');
const error = new DiptychError('DIPTYCH_FILE_MISSING', { path: 'a.json' }, { cause });

test('an error is told by code, message and cure', () => {
  expect(describeFailure(error, false)).toBe(
    'DIPTYCH_FILE_MISSING: a.json: no such file or folder\n' +
      '  Check the path; relative paths are read from the folder the command runs in.',
  );
  expect(failureJson(error).error).toEqual({
    code: 'DIPTYCH_FILE_MISSING',
    message: 'a.json: no such file or folder',
    cure: 'Check the path; relative paths are read from the folder the command runs in.',
  });
});

test('verbose adds the stack and what lies underneath, once each', () => {
  const looped = new Error('loop');
  looped.cause = looped;
  expect(describeFailure(error, true)).toMatch(/failure\.test\.ts[\s\S]*caused by TypeError: underneath\n\s+at /);
  expect(describeFailure(codedError(looped)!, true).match(/loop/g)?.length).toBeLessThan(6);
});

test('what nobody foresaw keeps its cause and has an exit code of its own', () => {
  const coded = codedError(cause)!;
  expect(coded).toMatchObject({ code: 'DIPTYCH_INTERNAL', message: 'TypeError: underneath', exit: 70, cause });
  expect(codedError('a string')?.message).toBe('a string');
  expect([isForeseen(cause), isForeseen(error)]).toEqual([false, true]);
});
