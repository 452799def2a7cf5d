/** What is counted of the calls to a service. */
import { expect, it } from 'vitest';
import { createServiceUsage } from '../../../src/calling/service-usage.ts';

function usageAt(start: number) {
  let now = start;
  const usage = createServiceUsage({ now: () => now });
  return { usage, wait: (ms: number) => (now += ms) };
}

it('knows how many are under way and wait, and since when nobody has called', () => {
  const { usage, wait } = usageAt(1_000);
  expect(usage.of('gmail')).toEqual({ inFlight: 0, waitingSteps: 0, callsPerMinute: 0, idleSinceMs: 1_000 });
  const first = usage.calls('gmail');
  const second = usage.calls('gmail');
  const waited = usage.waits('gmail');
  expect(usage.of('gmail')).toEqual({ inFlight: 2, waitingSteps: 1, callsPerMinute: 2 });
  wait(250);
  first();
  second();
  waited();
  expect(usage.of('gmail')).toEqual({
    inFlight: 0,
    waitingSteps: 0,
    callsPerMinute: 2,
    p95LatencyMs: 250,
    idleSinceMs: 1_250,
  });
});

it('forgets calls and latencies after a minute', () => {
  const { usage, wait } = usageAt(0);
  usage.calls('gmail')();
  wait(61_000);
  expect(usage.of('gmail')).toEqual({ inFlight: 0, waitingSteps: 0, callsPerMinute: 0, idleSinceMs: 0 });
});

it('gives the latency that 95 of 100 calls do not exceed', () => {
  const { usage, wait } = usageAt(0);
  for (let call = 1; call <= 100; call++) {
    const ended = usage.calls('gmail');
    wait(call);
    ended();
  }
  expect(usage.of('gmail').p95LatencyMs).toBe(95);
});
