/** What an action of a change makes of what is wanted of a service. */
import { expect, it } from 'vitest';
import { applyAction } from '../../../../src/lifecycle/model/apply-action.ts';
import { lifecycle } from './any-lifecycle.ts';

const change = { id: 'c', requestedBy: 'ann' };
const nowMs = 5_000;

it.each(['start', 'wake', 'resume'] as const)('%s begins the time without calls anew', (action) => {
  const before = lifecycle({
    asleep: true,
    awakeSinceMs: 1_000,
    parked: { desired: 'running', count: 2, asleep: false },
  });
  const applying = { change, action: { service: 'gmail', action }, wave: 0, nowMs };
  expect(applyAction(before, applying)).toMatchObject({ asleep: false, awakeSinceMs: 5_000 });
});

it('what stops a service leaves it as long awake as it was', () => {
  const applying = { change, action: { service: 'gmail', action: 'stop' as const }, wave: 0, nowMs };
  expect(applyAction(lifecycle({ awakeSinceMs: 1_000 }), applying)).toMatchObject({
    desired: 'stopped',
    awakeSinceMs: 1_000,
  });
});

it('a count that is asked for while everything is stopped is what resume brings back', () => {
  const parked = lifecycle({ parked: { desired: 'running', count: 2, asleep: false }, desired: 'stopped' });
  const scaled = applyAction(parked, {
    change,
    action: { service: 'gmail', action: 'scale', to: 5 },
    wave: 0,
    nowMs,
  });
  const resumed = applyAction(scaled ?? parked, {
    change: { ...change, id: 'another' },
    action: { service: 'gmail', action: 'resume' },
    wave: 0,
    nowMs,
  });
  expect(resumed).toMatchObject({ desired: 'running', count: 5, asleep: false });
});
