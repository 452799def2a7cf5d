/** What runs by a schedule and does not run is told of, with the latest as a metric; what is in time is not. */
import { expect, it } from 'vitest';
import { tellLateRuns } from '../../../../src/monitor/system/tell-late-runs.ts';

const nowMs = Date.parse('2026-11-28T12:00:00.000Z');

async function toldOf(marks: readonly { name: string; agoSeconds: number; everySeconds: number }[]) {
  const added: unknown[] = [];
  const warnings: unknown[] = [];
  await tellLateRuns({
    sweepMarks: {
      all: async () =>
        marks.map(({ agoSeconds, ...mark }) => ({ ...mark, ranAtMs: nowMs - agoSeconds * 1000 })),
    },
    clock: { now: () => nowMs },
    log: { warn: (message, fields) => warnings.push([message, fields]) },
    metrics: { add: (metric, value) => added.push([metric, value]) },
  });
  return { added, warnings };
}

it('nothing is told, and no metric costs anything, while all run in time', async () => {
  const told = await toldOf([
    { name: 'sweep', agoSeconds: 960, everySeconds: 300 },
    { name: 'lifecycle', agoSeconds: 240, everySeconds: 60 },
  ]);
  expect(told).toEqual({ added: [], warnings: [] });
});

it('each that has missed three runs is named, and the metric is how long ago the latest of them ran', async () => {
  const told = await toldOf([
    { name: 'sweep', agoSeconds: 961, everySeconds: 300 },
    { name: 'lifecycle', agoSeconds: 3600, everySeconds: 60 },
    { name: 'check-health', agoSeconds: 30, everySeconds: 60 },
  ]);
  expect(told).toEqual({
    added: [['LateRuns', 3600]],
    warnings: [
      ['runs late', { late: 'sweep', agoSeconds: 961 }],
      ['runs late', { late: 'lifecycle', agoSeconds: 3600 }],
    ],
  });
});
