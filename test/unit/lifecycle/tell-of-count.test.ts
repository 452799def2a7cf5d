import { expect, it } from 'vitest';
import type { Wanted } from '../../../src/instances/model/service-lifecycle.ts';
import type { ScalingNotice } from '../../../src/lifecycle/drivers/webhook/scaling-webhook.ts';
import { tellOfCount } from '../../../src/lifecycle/tell-of-count.ts';

const wanting = (count: number, desired: Wanted['desired'] = 'running'): Wanted => ({
  service: 'gmail',
  desired,
  count,
  ended: false,
  asleep: false,
});

const change = { id: 'c1', kind: 'scale', requestedBy: 'admin', reason: undefined } as const;

async function noticesOf(before: Wanted, after: Wanted, fails = false) {
  const notices: ScalingNotice[] = [];
  const warnings: unknown[] = [];
  const log = {
    debug: () => {},
    info: () => {},
    warn: (message: string, fields?: object) => void warnings.push([message, fields]),
    error: () => {},
  };
  const scaled = async (notice: ScalingNotice) => {
    if (fails) throw new Error('https://scaler.example/?key=secret');
    notices.push(notice);
  };
  await tellOfCount({ scaled, log }, change, { before, after });
  return { notices, warnings };
}

it('tells of a new number, once for each change of a service', async () => {
  const { notices } = await noticesOf(wanting(1), wanting(3));
  expect(notices).toEqual([
    { token: 'c1.gmail', service: 'gmail', instances: 3, before: 1, reason: 'scale, asked for by admin' },
  ]);
});

it('tells that there are to be none when a service stops', async () => {
  const { notices } = await noticesOf(wanting(3), wanting(3, 'stopped'));
  expect(notices).toMatchObject([{ instances: 0, before: 3 }]);
});

it('tells nothing when the number stays', async () => {
  expect((await noticesOf(wanting(3), wanting(3))).notices).toEqual([]);
});

it('logs that nobody took a notice, without what the failure says, and goes on', async () => {
  const { warnings } = await noticesOf(wanting(1), wanting(3), true);
  expect(warnings).toEqual([
    ['nobody took the notice of a new number of instances', { service: 'gmail', error: 'Error' }],
  ]);
});
