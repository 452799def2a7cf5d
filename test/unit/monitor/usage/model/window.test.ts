import { describe, expect, it } from 'vitest';
import { cutTo, windowOf } from '../../../../../src/monitor/usage/model/window.ts';

const nowMs = Date.parse('2026-11-28T12:00:30.000Z');
const minute = Date.parse('2026-11-28T12:00:00.000Z') / 60_000;

describe('a window', () => {
  it('is the last hour with the minute that goes on when nothing is said', () => {
    expect(windowOf({}, nowMs)).toEqual({ from: minute - 59, to: minute + 1, resolution: 5, lasted: 59.5 });
  });

  it('is so many minutes back, or from one time to another', () => {
    expect(windowOf({ windowMinutes: 1 }, nowMs)).toMatchObject({
      from: minute,
      to: minute + 1,
      lasted: 0.5,
    });
    expect(windowOf({ from: '2026-11-28T10:00:00Z', to: '2026-11-28T11:00:00Z' }, nowMs)).toEqual({
      from: minute - 120,
      to: minute - 60,
      resolution: 5,
      lasted: 60,
    });
    expect(windowOf({ from: '2026-11-27', to: '2026-11-28' }, nowMs)).toMatchObject({
      resolution: 60,
      lasted: 1440,
    });
  });

  it('of more than a day begins with an hour, and has points of six hours or of days', () => {
    expect(windowOf({ windowMinutes: 1441 }, nowMs)).toEqual({
      from: minute - 1440,
      to: minute + 1,
      resolution: 360,
      lasted: 1440.5,
    });
    expect(windowOf({ from: '2026-11-01T10:20:00Z' }, nowMs)).toMatchObject({
      from: Date.parse('2026-11-01T10:00:00Z') / 60_000,
      resolution: 1440,
    });
    expect(windowOf({ windowMinutes: 44_640 }, nowMs).resolution).toBe(1440);
  });

  it('goes on until now where it would end later', () => {
    expect(windowOf({ from: '2026-11-28T11:00:00Z', to: '2026-11-28T13:00:00Z' }, nowMs)).toMatchObject({
      to: minute + 1,
      lasted: 60.5,
    });
  });

  it.each([
    [
      { windowMinutes: 5, from: '2026-11-28' },
      'windowMinutes: goes back from now: leave it out, or from and to',
    ],
    [{ to: '2026-11-28' }, 'from: is needed with to'],
    [
      { from: '2026-11-28T11:00:00Z', to: '2026-11-28T11:00:00Z' },
      'from: must be earlier than to, and than now',
    ],
    [{ from: '2026-11-29' }, 'from: must be earlier than to, and than now'],
    [{ from: '2026-10-20' }, 'from: must be at most 31 days before to'],
    [
      { windowMinutes: 1441, resolutionMinutes: 90 },
      'resolutionMinutes: must be whole hours where the window is longer than a day',
    ],
  ])('of %j is refused: %s', (asked, message) => {
    expect(() => windowOf(asked, nowMs)).toThrow(message);
  });

  it('ends earlier where not all was read, and says rates of what was', () => {
    const asked = windowOf({ windowMinutes: 60 }, nowMs);
    expect(cutTo(asked, undefined)).toBe(asked);
    expect(cutTo(asked, minute - 9)).toEqual({ ...asked, from: minute - 9, lasted: 9.5 });
  });
});
