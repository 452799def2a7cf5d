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
