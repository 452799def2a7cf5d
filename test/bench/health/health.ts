/** Everything that is measured of health checks, with the aims. */
import { yesOrNo } from '../figures.ts';
import { longest, median } from '../lifecycle/took.ts';
import { secondsEach } from '../settings.ts';
import { type Cell, markdownTable, printTable } from '../table.ts';
import { interval, measureDetection, threshold } from './detection.ts';
import { measureSweep, type SweepCost, type Swept, services } from './sweep-cost.ts';

const detections = Math.max(3, Math.ceil(secondsEach * 2));

export interface Health {
  readonly sweep: SweepCost;
  /** Milliseconds. */
  readonly detection: readonly number[];
}

export const measureHealth = async (): Promise<Health> => ({
  sweep: await measureSweep(),
  detection: await measureDetection(detections),
});

const sweepHead = [
  `a sweep of ${services} services`,
  'reads',
  'writes',
  'ms',
  'CPU ms',
  'checks in all',
  'false alarms',
];

const sweepRows = ({ sweep: { quiet, busy } }: Health): Cell[][] => [
  sweepRow('on a quiet machine', quiet),
  sweepRow('while every core is busy with something else', busy),
];

const sweepRow = (what: string, { reads, writes, ms, cpuMs, checked, failed }: Swept): Cell[] => [
  what,
  reads,
  writes,
  ms,
  cpuMs,
  checked,
  failed,
];

const detectionHead = ['a service that ends, until that is shown', 'times', 'median ms', 'max ms'];

const detectionRows = ({ detection }: Health): Cell[][] => [
  [
    `checked every ${interval} s, ${threshold} failures`,
    detection.length,
    median(detection),
    longest(detection),
  ],
];

export function printHealth(measured: Health): void {
  printTable('12. Health checks where nothing has changed', sweepHead, sweepRows(measured));
  printTable('13. Detection', detectionHead, detectionRows(measured));
}

export function healthAims({ sweep: { quiet, busy }, detection }: Health): Cell[][] {
  const boundMs = (threshold * interval + 1) * 1000;
  const alarms = quiet.failed + busy.failed;
  // Where nothing is checked, nothing can be found.
  const checks = quiet.checked + busy.checked;
  return [
    [`a sweep of ${services} services`, '10000 ms', `${quiet.ms.toFixed(0)} ms`, yesOrNo(quiet.ms <= 10_000)],
    ['writes of a sweep without changes', 0, quiet.writes, yesOrNo(quiet.writes === 0)],
    [`false alarms in ${checks} checks`, 0, alarms, yesOrNo(alarms === 0 && checks > 0)],
    [
      'a service that ends is seen, at the latest',
      `${boundMs} ms`,
      `${longest(detection).toFixed(0)} ms`,
      yesOrNo(longest(detection) <= boundMs),
    ],
  ];
}

/** For docs/benchmark.md. */
export const healthMarkdown = (measured: Health): string =>
  [markdownTable(sweepHead, sweepRows(measured)), markdownTable(detectionHead, detectionRows(measured))].join(
    '\n\n',
  );
