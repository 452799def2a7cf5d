import { describe, expect, it } from 'vitest';
import type { Compared } from './comparison.ts';
import { type Figures, figureRows, figuresHead } from './figures.ts';

const compared = (
  system: string,
  { p50, perSecond, cpuMs }: Pick<Compared, 'p50' | 'perSecond' | 'cpuMs'>,
): Compared[] =>
  [0, 10].flatMap((delayMs) =>
    [1, 16].map((clients) => ({
      system,
      way: 'waiting',
      delayMs,
      clients,
      p50,
      p99: p50,
      perSecond,
      cpuMs,
      count: 1,
    })),
  );

const direct = compared('direct', { p50: 10, perSecond: 100, cpuMs: Number.NaN });
const ours = compared('ours', { p50: 20, perSecond: 50, cpuMs: 2.5 });
const many = {
  count: 20_000,
  memoryAtStart: 1e8,
  memory: 2e8,
  files: 1e8,
  emptyStart: 1400,
  filledStart: 2600,
};
const figures: Figures = {
  compared: [...direct, ...ours],
  bursts: [{ system: 'ours', p50: 300, p99: 900 }],
  many,
};
const metOf = (of: Figures): unknown[] => figureRows(of).map((row) => row[figuresHead(of).indexOf('met')]);

describe('the table of figures', () => {
  it('has a column for every system, ours first', () => {
    const restate = compared('Restate', { p50: 15, perSecond: 60, cpuMs: 4 });
    const both = { ...figures, compared: [...direct, ...ours, ...restate] };
    expect(figuresHead(both)).toEqual(['three steps, start to result', 'aim', 'ours', 'met', 'Restate']);
    expect(figureRows(both)[0]).toEqual([
      'services answer in 10 ms, 1 client: p50 against direct',
      '1.2 x',
      '2.00 x',
      'no',
      '1.50 x',
    ]);
  });

  it('does not tell whether an aim was met that names a system which was not measured', () => {
    expect(metOf(figures)).toEqual(['no', 'yes', '-', '-', 'yes', 'yes', 'yes', 'yes', 'yes', 'no']);
  });

  it('tells it where that system was measured', () => {
    const restate = compared('Restate', { p50: 15, perSecond: 40, cpuMs: 4 });
    const both = { ...figures, compared: [...direct, ...ours, ...restate] };
    expect(metOf(both).slice(2, 4)).toEqual(['no', 'yes']);
  });

  it('does not tell of a short run whether many executions were borne', () => {
    expect(metOf({ ...figures, many: { ...many, count: 800 } }).slice(-3)).toEqual(['-', 'yes', '-']);
  });
});
