/** What health checks on AWS cost a month: counted at a sweep of 1,000 instances, and held against docs/deploy.md. */
import { expect, it } from 'vitest';
import { countChecks } from './costs/counted-checks.ts';
import { amount, tableUnder } from './costs/guide.ts';
import { memoryGb } from './costs/synthesized-facts.ts';
import { synthesizeStage } from './costs/synthesized-stage.ts';

/** A month of 30 days. */
const minutes = 43_200;
/** That an invocation is reckoned to run, and that handing out 5,000 services takes. */
const seconds = { invocation: 0.5, handing: 1 };
const atOnce = 5_000;

/** US dollars a million (us-east-1): the prices of the other tables of the guide. */
const prices = [0.2, 13.3334, 0.125, 0.625, 0.5];
/** Thousands of instances, and what a month may cost at most: the aim of the issue of this monitor. */
const aims = [
  [1, 7],
  [10, 73],
  [100, 730],
] as const;

it('a sweep of 1,000 instances reads 552 units in 21 invocations and writes that it ran; the guide tells what that costs', {
  tags: ['long'],
  timeout: 60_000,
}, async () => {
  const counted = await countChecks(1_000);
  expect(counted).toEqual({
    invocations: 21,
    checked: 1_000,
    failed: 0,
    readUnits: 552,
    writeUnits: 1,
  });
  const { 'check-health': memory = 0 } = memoryGb(await synthesizeStage());
  const rows = await tableUnder('Health checks');
  expect(rows).toHaveLength(aims.length);
  for (const [index, [thousands, aim]] of aims.entries()) {
    const [instances, ...cells] = (rows[index] ?? []).map(amount);
    const invocations = minutes * (1 + thousands * (counted.invocations - 1));
    const handing = minutes * (Math.ceil((thousands * 1_000) / atOnce) - 1) * seconds.handing;
    const counts = [
      invocations,
      memory * (invocations * seconds.invocation + handing),
      minutes * thousands * counted.readUnits,
      minutes * counted.writeUnits,
      invocations,
    ];
    const cost = counts.reduce((sum, count, at) => sum + (count * (prices[at] ?? 0)) / 1_000_000, 0);
    expect([instances, ...cells]).toEqual([thousands * 1_000, ...counts, Number(cost.toFixed(2))]);
    expect(cost).toBeLessThanOrEqual(aim);
  }
});
