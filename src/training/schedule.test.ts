import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { lengthAt, type ScheduleOptions, scheduleOf } from './schedule.ts';

const whole = [{ from: 0, steps: 100 }];

describe('schedules', () => {
  test('constant stays at the peak, and warm-up rises linearly to it', () => {
    const rate = scheduleOf({ kind: 'constant', peak: 0.5, warmup: 4 }, whole);
    expect([0, 1, 2, 3, 4, 99].map(rate)).toEqual([0.125, 0.25, 0.375, 0.5, 0.5, 0.5]);
  });

  test('step falls by gamma from each milestone on', () => {
    const rate = scheduleOf({ kind: 'step', peak: 1, warmup: 0, milestones: [10, 20], gamma: 0.1 }, whole);
    expect([0, 9, 10, 19, 20].map(rate)).toEqual([1, 1, 0.1, 0.1, 0.1 ** 2]);
  });

  test('step with warm-up applies both factors', () => {
    const rate = scheduleOf({ kind: 'step', peak: 1, warmup: 4, milestones: [1], gamma: 0.5 }, whole);
    expect([0, 1, 3, 4].map(rate)).toEqual([0.25, 0.25, 0.5, 0.5]);
  });

  test('cosine goes from the peak after the warm-up through the middle to the floor', () => {
    const rate = scheduleOf({ kind: 'cosine', peak: 1, floor: 0.2, warmup: 20 }, whole);
    expect(rate(19)).toBe(1);
    expect(rate(20)).toBe(1);
    expect(rate(60)).toBeCloseTo(0.6, 15);
    expect(rate(40)).toBeCloseTo(0.2 + 0.4 * (1 + Math.SQRT1_2), 15);
    expect(rate(100)).toBeCloseTo(0.2, 15);
    expect(rate(500)).toBeCloseTo(0.2, 15);
  });

  test('an extension changes no step before it and follows the new length from it on', () => {
    const options: ScheduleOptions = { kind: 'cosine', peak: 1, floor: 0, warmup: 5 };
    const extended = scheduleOf(options, [...whole, { from: 60, steps: 200 }]);
    const short = scheduleOf(options, whole);
    const long = scheduleOf(options, [{ from: 0, steps: 200 }]);
    for (let step = 0; step < 200; step++) expect(extended(step)).toBe((step < 60 ? short : long)(step));
    expect(lengthAt([...whole, { from: 60, steps: 200 }], 59)).toBe(100);
    expect(lengthAt([...whole, { from: 60, steps: 200 }], 60)).toBe(200);
  });

  test('with restarts each part is as a run of its own', () => {
    const shape = { kind: 'cosine', peak: 1, floor: 0.1, warmup: 5 } as const;
    const parts = scheduleOf({ ...shape, restarts: [0, 30, 70] }, whole);
    const alone = (steps: number) => scheduleOf(shape, [{ from: 0, steps }]);
    for (let step = 0; step < 100; step++) {
      const [from, steps] = step < 30 ? [0, 30] : step < 70 ? [30, 40] : [70, 30];
      expect(parts(step)).toBe(alone(steps)(step - from));
    }
    // A part that begins after the end of the run does not count.
    expect(scheduleOf({ ...shape, restarts: [0, 200] }, whole)(50)).toBe(alone(100)(50));
  });

  test('every rate lies between 0 and the peak, and is the same when asked again', () => {
    const options = fc.oneof(
      fc.record({ kind: fc.constant('constant' as const) }),
      fc.record({
        kind: fc.constant('step' as const),
        milestones: fc.array(fc.nat(500)),
        gamma: fc.double({ min: 0, max: 1, noNaN: true }),
      }),
      fc.record({ kind: fc.constant('cosine' as const), floor: fc.double({ min: 0, max: 1e-3, noNaN: true }) }),
    );
    fc.assert(
      fc.property(options, fc.nat(600), fc.nat(500), fc.nat(600), (shape, warmup, steps, step) => {
        const rate = scheduleOf({ ...shape, peak: 1e-3, warmup }, [{ from: 0, steps }]);
        expect(rate(step)).toBeGreaterThanOrEqual(0);
        expect(rate(step)).toBeLessThanOrEqual(1e-3 * (1 + 1e-12));
        expect(rate(step)).toBe(rate(step));
      }),
    );
  });
});
