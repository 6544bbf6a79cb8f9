import { expect, onTestFinished, test } from 'vitest';
import { workerEntry } from './entry.ts';
import type { EchoRequest } from './testing/echo.ts';
import { Thread } from './thread.ts';

function echo(factor: number): Thread<EchoRequest> {
  const thread = new Thread<EchoRequest>(workerEntry(import.meta.url, './testing/echo'), { factor });
  onTestFinished(() => thread.close());
  return thread;
}

test('requests are answered in order; memory is handed over and back', async () => {
  const thread = echo(2);
  const array = Float32Array.of(1, 2.5);
  const answers = await Promise.all([
    thread.ask({ kind: 'scaled', array: Float32Array.of(7) }),
    thread.ask({ kind: 'scaled', array }, [array.buffer]),
  ]);
  expect(answers).toEqual([Float32Array.of(14), Float32Array.of(2, 5)]);
  expect(array).toHaveLength(0);
});

test('errors come across, coded ones with code and fields; the thread goes on', async () => {
  const thread = echo(3);
  const coded = thread.ask({ kind: 'coded' });
  await expect(coded).rejects.toMatchObject({ code: 'DIPTYCH_RUN_MISSING', fields: { folder: 'nowhere' } });
  await expect(thread.ask({ kind: 'plain' })).rejects.toThrow('a mistake');
  expect(await thread.ask({ kind: 'scaled', array: Float32Array.of(1) })).toEqual(Float32Array.of(3));
});

test('closing gives up what is asked, and refuses what comes later', async () => {
  const thread = echo(1);
  const asked = thread.ask({ kind: 'forever' });
  const given = expect(asked).rejects.toThrow('the thread was closed');
  await thread.close();
  await given;
  await expect(thread.ask({ kind: 'coded' })).rejects.toThrow('the thread was closed');
});

test('a thread that cannot start says why', async () => {
  const thread = new Thread(workerEntry(import.meta.url, './testing/nothing'));
  await expect(thread.ask({})).rejects.toThrow(/nothing/);
});
