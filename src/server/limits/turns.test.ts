/** @file The event loop shared out among answers. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { Turns } from './turns.ts';

/** Callers that note their names and then keep the process busy, partly after promises. */
function callers(turns: Turns, busyMs: number) {
  const order: string[] = [];
  const go = async (name: string): Promise<void> => {
    await turns.take();
    order.push(name);
    await Promise.resolve();
    const began = performance.now();
    while (performance.now() - began < busyMs);
  };
  return { order, go };
}

test('who comes together goes in order, a few milliseconds at a time', async () => {
  const { order, go } = callers(new Turns(5), 4);
  const all = Promise.all(['a', 'b', 'c', 'd', 'e'].map(go));
  // How many had gone each time the loop did something else.
  const seen: number[] = [];
  while (order.length < 5) {
    await nextTurn();
    seen.push(order.length);
  }
  await all;
  expect(order).toEqual(['a', 'b', 'c', 'd', 'e']);
  expect(seen[0]).toBeLessThan(5);
});

test('who comes later in the same turn of the loop waits if it is used up, and stands behind those who wait', async () => {
  const { order, go } = callers(new Turns(5), 8);
  const first = go('a');
  await first;
  const others = ['b', 'c'].map(go);
  await Promise.resolve();
  expect(order).toEqual(['a']);
  await Promise.all(others);
  expect(order).toEqual(['a', 'b', 'c']);
});

test('who comes alone does not wait for a turn of the loop', async () => {
  const { order, go } = callers(new Turns(), 0);
  let turned = false;
  setImmediate(() => {
    turned = true;
  });
  await go('a');
  expect([order, turned]).toEqual([['a'], false]);
});
