import { expect, it } from 'vitest';
import { createLookPauses } from '../../../src/lifecycle/reconciler/look-pauses.ts';

it('pauses not at all after something has moved, then for a tenth of the longest, and longer the longer nothing moves', async () => {
  let nowMs = 0;
  let pausedMs = 0;
  const wait = async (ms: number): Promise<void> => {
    pausedMs = ms;
    nowMs += ms;
  };
  const pauses = createLookPauses({ clock: { now: () => nowMs }, wait }, 100);
  const pauseAfter = async (moved: boolean): Promise<number> => {
    pausedMs = 0;
    await pauses.afterLook(moved);
    return pausedMs;
  };
  expect(await pauseAfter(true)).toBe(0);
  expect(await pauseAfter(false)).toBe(10);
  nowMs = 1000;
  expect(await pauseAfter(false)).toBe(50);
  nowMs = 60_000;
  expect(await pauseAfter(false)).toBe(100);
  expect(await pauseAfter(true)).toBe(0);
  expect(await pauseAfter(false)).toBe(10);
});
