/** How far an action of a change is, from the instances as they are recorded. */
import { expect, it } from 'vitest';
import type { DrivenInstance } from '../../../../src/instances/model/driven-instance.ts';
import { progressOf } from '../../../../src/lifecycle/model/progress.ts';
import { lifecycle } from './any-lifecycle.ts';

const instance = (number: number, more: Partial<DrivenInstance> = {}): DrivenInstance => ({
  service: 'gmail',
  id: `gmail-${number}`,
  version: '2.0.0',
  transport: 'mcp',
  driver: { kind: 'webhook', settings: { parameters: {} } },
  ver: 1,
  state: 'RUNNING',
  stateSinceMs: 0,
  starts: 1,
  revision: 2,
  health: 'HEALTHY',
  contrary: 0,
  leaving: false,
  held: false,
  exits: [],
  history: [],
  createdAtMs: 0,
  ...more,
});

const start = { service: 'gmail', action: 'start' } as const;
const rollout = { service: 'gmail', action: 'rollout' } as const;
const starting = { state: 'STARTING', health: 'UNKNOWN' } as const;

it('is done when as many as wanted serve with what is wanted now, and no other is left', () => {
  expect(progressOf(start, { lifecycle: lifecycle(), instances: [instance(1)] })).toEqual({ status: 'done' });
  const old = instance(1, { revision: 1 });
  expect(progressOf(rollout, { lifecycle: lifecycle(), instances: [old, instance(2)] }).status).toBe(
    'under way',
  );
  expect(progressOf(start, { lifecycle: lifecycle(), instances: [] })).toEqual({
    status: 'under way',
    why: '1 of 1 instances are missing',
  });
});

it('fails with one that is quarantined', () => {
  const given = instance(1, { state: 'QUARANTINED', health: 'UNKNOWN' });
  expect(progressOf(start, { lifecycle: lifecycle(), instances: [given] })).toEqual({
    status: 'failed',
    why: 'gmail-1 is QUARANTINED',
  });
});

it('of a rollout fails with the first new one that never became healthy, though it is started again', () => {
  const exits = [{ atMs: 1, livedMs: 120_000, how: 'it was not healthy within 120 s', neverHealthy: true }];
  const instances = [instance(1, { revision: 1 }), instance(2, { ...starting, exits })];
  const failed = { status: 'failed', why: 'gmail-2: it was not healthy within 120 s' };
  expect(progressOf(rollout, { lifecycle: lifecycle(), instances })).toEqual(failed);
  expect(progressOf(start, { lifecycle: lifecycle(), instances }).status).toBe('under way');
});

it('of a stop is done when all have stopped', () => {
  const stopping = {
    lifecycle: lifecycle({ desired: 'stopped' }),
    instances: [instance(1, { state: 'DRAINING' })],
  };
  expect(progressOf({ service: 'gmail', action: 'stop' }, stopping)).toEqual({
    status: 'under way',
    why: 'gmail-1 is DRAINING',
  });
  const stopped = { ...stopping, instances: [instance(1, { state: 'STOPPED' })] };
  expect(progressOf({ service: 'gmail', action: 'stop' }, stopped)).toEqual({ status: 'done' });
});
