import { describe, expect, it } from 'vitest';
import { retryAfterSeconds } from '../../../src/transport/retry-after.ts';

const noon = Date.parse('Wed, 21 Oct 2026 12:00:00 GMT');

describe('Retry-After', () => {
  it.each([
    ['0', 0],
    [' 120 ', 120],
    ['Wed, 21 Oct 2026 12:01:30 GMT', 90],
    ['Wednesday, 21-Oct-26 12:00:05 GMT', 5],
    ['Wed Oct 21 12:00:07 2026', 7],
    ['Sat Nov  7 12:00:00 2026', 1_468_800],
    ['Sunday, 06-Nov-94 08:49:37 GMT', 0],
    ['Thursday, 01-Jan-76 00:00:00 GMT', 1_552_478_400],
    ['Friday, 01-Jan-77 00:00:00 GMT', 0],
    ['Mon, 30 Feb 2026 12:00:00 GMT', undefined],
    ['2026-10-21T12:01:30Z', undefined],
    ['Wed, 21 Oct 2026 11:00:00 GMT', 0],
    ['soon', undefined],
    ['-5', undefined],
    ['1.5', 2],
    ['99999999999', 1_000_000_000],
    ['2026', 2026],
    [undefined, undefined],
  ])('%j means %j seconds from noon', (header, seconds) => {
    expect(retryAfterSeconds(header, noon)).toBe(seconds);
  });
});
