import { describe, expect, it } from 'vitest';
import { RateLimitsText } from '../../../src/access/model/rate-limits.ts';
import { createSpend } from '../../../src/access/rate-limits.ts';

describe('a limit of six writes a minute', () => {
  it('lets six through at once, and then one every ten seconds', () => {
    let nowMs = 1_000_000;
    const spend = createSpend({ writes: 6 }, { now: () => nowMs });
    const passes = (): boolean => {
      try {
        spend('ann', 'writes');
        return true;
      } catch {
        return false;
      }
    };
    expect(Array.from({ length: 7 }, passes)).toEqual([true, true, true, true, true, true, false]);
    nowMs += 9_999;
    expect(passes()).toBe(false);
    nowMs += 1;
    expect([passes(), passes()]).toEqual([true, false]);
    nowMs += 3_600_000;
    expect(Array.from({ length: 7 }, passes)).toEqual([true, true, true, true, true, true, false]);
    nowMs -= 3_600_000;
    expect(passes()).toBe(false);
  });

  it('says how long to wait', () => {
    const spend = createSpend({ writes: 1 }, { now: () => 0 });
    spend('ann', 'writes');
    expect(() => spend('ann', 'writes')).toThrow(
      expect.objectContaining({ code: 'request.throttled', retryAfterSeconds: 60 }),
    );
    expect(() => spend('ann', 'reads')).not.toThrow();
    expect(() => spend('bob', 'writes')).not.toThrow();
  });
});

it.each([
  ['', {}],
  ['reads=6000, writes=600', { reads: 6000, writes: 600 }],
])('%j are the limits %j', (text, limits) => {
  expect(RateLimitsText.parse(text)).toEqual(limits);
});

it.each(['reads', 'reads=0', 'reads=-1', 'reading=5', 'reads=1,reads=2', 'reads=1;writes=2'])(
  '%j is no list of limits',
  (text) => {
    expect(RateLimitsText.safeParse(text).error?.issues[0]?.message).toMatch(/^must be such as reads=6000/);
  },
);
