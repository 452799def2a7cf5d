import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { createLookPauses } from '../../../src/lifecycle/look-pauses.ts';

beforeEach(() => void vi.useFakeTimers({ now: 0 }));
afterEach(() => void vi.useRealTimers());

it('pauses not at all after something has moved, then for a tenth of the longest, and longer the longer nothing moves', async () => {
  const pauses = createLookPauses({ now: Date.now }, 100);
  const pauseAfter = async (moved: boolean): Promise<number> => {
    const beganMs = Date.now();
    const over = pauses.afterLook(moved);
    await vi.runAllTimersAsync();
    await over;
    return Date.now() - beganMs;
  };
  expect(await pauseAfter(true)).toBe(0);
  expect(await pauseAfter(false)).toBe(10);
  vi.setSystemTime(1000);
  expect(await pauseAfter(false)).toBe(50);
  vi.setSystemTime(60_000);
  expect(await pauseAfter(false)).toBe(100);
  expect(await pauseAfter(true)).toBe(0);
  expect(await pauseAfter(false)).toBe(10);
});
