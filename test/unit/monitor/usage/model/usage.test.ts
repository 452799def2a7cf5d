import { describe, expect, it } from 'vitest';
import {
  countOne,
  emptyUsage,
  partOf,
  sumOf,
  totalOf,
} from '../../../../../src/monitor/usage/model/usage.ts';

describe('usage', () => {
  it('counts calls with their errors, retries and how long they took; of those that were cancelled no time', () => {
    const usage = emptyUsage();
    countOne(partOf(usage, 'get_email'), { ms: 100 });
    countOne(partOf(usage, 'get_email'), { ms: 30_000, error: 'service.timeout', repeats: true });
    countOne(partOf(usage, 'get_email'), { ms: 5, error: 'execution.cancelled', cancelled: true });
    expect(usage.parts).toEqual({
      get_email: {
        count: 3,
        errors: { 'service.timeout': 1 },
        cancelled: 1,
        retries: 1,
        buckets: { 27: 1, 60: 1 },
        longestMs: 30_000,
      },
    });
  });

  it('counts no negative time where the clock was set back', () => {
    const usage = emptyUsage();
    countOne(partOf(usage, 'get_email'), { ms: -5 });
    expect(usage.parts['get_email']).toMatchObject({ buckets: { 0: 1 }, longestMs: 0 });
  });

  it('counts fifty tools apart and the others together', () => {
    const usage = emptyUsage();
    for (let tool = 0; tool < 60; tool++) countOne(partOf(usage, `tool-${tool}`), { ms: 1 });
    countOne(partOf(usage, 'tool-3'), { ms: 1 });
    expect(Object.keys(usage.parts)).toHaveLength(51);
    expect(usage.parts['(other)']?.count).toBe(10);
    expect(usage.parts['tool-3']?.count).toBe(2);
    expect(totalOf(usage).count).toBe(61);
  });

  it('takes every name of a tool for a name', () => {
    const usage = emptyUsage();
    for (const name of ['__proto__', 'constructor', 'toString']) countOne(partOf(usage, name), { ms: 1 });
    expect(Object.keys(sumOf([usage]).parts)).toEqual(['__proto__', 'constructor', 'toString']);
    expect(totalOf(sumOf([usage])).count).toBe(3);
  });
});
