/** What the metrics of a stage have of calls and executions, and that nobody waits for them. */
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { createMetricValues } from '../../../../src/monitor/metrics/metric-values.ts';
import { createMeter } from '../../../../src/monitor/usage/create-meter.ts';

beforeEach(() => {
  vi.useFakeTimers({ now: Date.parse('2026-11-28T12:00:00.000Z') });
});
afterEach(() => {
  vi.useRealTimers();
});

function measuring(put: () => Promise<boolean> = async () => true) {
  const written: object[] = [];
  const metrics = createMetricValues({
    detail: 'stage',
    write: async (batches) => void written.push(...batches.map(({ values }) => Object.fromEntries(values))),
    log: { warn: () => undefined },
  });
  const meter = createMeter({
    store: { put },
    clock: { now: () => Date.now() },
    newId: () => 'container-1',
    log: { warn: () => undefined },
    metrics,
  });
  return { meter, written };
}

it('are of each call whether it failed, how long it took, and whether it repeats another; a cut short one has no time', async () => {
  const { meter, written } = measuring();
  const ended = meter.calls({ service: 'gmail', name: 'get_email', repeats: false });
  const repeated = meter.calls({ service: 'graph', name: 'add', repeats: true });
  const cut = meter.calls({ service: 'graph', name: 'add', repeats: false });
  await vi.advanceTimersByTimeAsync(40);
  ended();
  repeated('service.timeout');
  cut('execution.cancelled');
  await vi.advanceTimersByTimeAsync(10_000);
  expect(written).toEqual([{ CallErrors: [0, 1, 0], CallTime: [40, 40], CallRetries: [1] }]);
});

it('are of each execution that ended whether it failed or timed out; what somebody ended has not failed', async () => {
  const { meter, written } = measuring();
  const ends = ['SUCCEEDED', 'FAILED', 'TIMED_OUT', 'CANCELLED', 'TERMINATED'] as const;
  for (const status of ends) meter.ended('process-email', { status, ms: 70 });
  await vi.advanceTimersByTimeAsync(10_000);
  const all = written.flatMap((one) => Object.entries(one));
  const of = (metric: string) => all.flatMap(([name, values]) => (name === metric ? values : []));
  expect(of('ExecutionErrors')).toEqual([0, 1, 1, 0, 0]);
  expect(of('ExecutionTime')).toEqual([70, 70, 70]);
});

it('are written also while the table takes nothing', async () => {
  const { meter, written } = measuring(() => new Promise(() => undefined));
  meter.ended('process-email', { status: 'FAILED', ms: 70 });
  await vi.advanceTimersByTimeAsync(1_000);
  expect(written).toEqual([{ ExecutionErrors: [1], ExecutionTime: [70] }]);
});

it('are written with what was counted, never while it is counted', () => {
  const { meter, written } = measuring();
  meter.calls({ service: 'gmail', name: 'get_email', repeats: false })();
  expect(written).toEqual([]);
});
