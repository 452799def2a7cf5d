import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Timers } from '../../../../local/step-functions/timers.ts';

describe('timers', () => {
  beforeEach(() => {
    vi.useFakeTimers({ now: 1_000 });
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it('fire in the order of their moments, each once', () => {
    const timers = new Timers();
    const fired: number[] = [];
    const moments = [1_500, 1_100, 1_900, 1_100, 1_300, 1_700];
    for (const moment of moments) timers.at(moment, () => fired.push(moment));
    vi.advanceTimersByTime(600);
    expect(fired).toEqual([1_100, 1_100, 1_300, 1_500]);
    vi.advanceTimersByTime(1_000);
    expect(fired).toEqual([1_100, 1_100, 1_300, 1_500, 1_700, 1_900]);
  });

  it('do not fire once they are cancelled, and leave nothing behind', () => {
    const timers = new Timers();
    const fired: number[] = [];
    const cancels = Array.from({ length: 500 }, (_, index) =>
      timers.at(2_000 + index, () => fired.push(index)),
    );
    for (const [index, cancel] of cancels.entries()) if (index !== 250) cancel();
    expect(timers.pending).toBe(1);
    vi.advanceTimersByTime(5_000);
    expect(fired).toEqual([250]);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('fire at once for a moment that is past, and wait for one that is a month away', () => {
    const timers = new Timers();
    const fired: string[] = [];
    const month = 31 * 24 * 3_600_000;
    timers.at(1_000 + month, () => fired.push('later'));
    timers.at(5, () => fired.push('now'));
    vi.advanceTimersByTime(1);
    expect(fired).toEqual(['now']);
    vi.advanceTimersByTime(month);
    expect(fired).toEqual(['now', 'later']);
  });

  it('may be set from within one that fires', () => {
    const timers = new Timers();
    const fired: string[] = [];
    timers.at(1_010, () => {
      fired.push('first');
      timers.at(1_020, () => fired.push('second'));
    });
    vi.advanceTimersByTime(100);
    expect(fired).toEqual(['first', 'second']);
  });
});
