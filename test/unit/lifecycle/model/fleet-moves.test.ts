/** Which instances come and go next: as many as wanted, and old ones only when others serve in their place. */
import { describe, expect, it } from 'vitest';
import type { DrivenInstance } from '../../../../src/instances/model/driven-instance.ts';
import { type Fleet, fleetMoves } from '../../../../src/lifecycle/model/fleet-moves.ts';
import { Rollout } from '../../../../src/registry/services/model/rollout.ts';

const now = 1_000_000;

/** `RUNNING` ones are healthy, and have been for ten seconds. */
const instance = (number: number, more: Partial<DrivenInstance> = {}): DrivenInstance => ({
  service: 'gmail',
  id: `gmail-${number}`,
  version: '1.0.0',
  transport: 'mcp',
  driver: { kind: 'external', settings: {} },
  ver: 1,
  state: 'RUNNING',
  stateSinceMs: 0,
  starts: 1,
  revision: 1,
  health: more.state === undefined || more.state === 'RUNNING' ? 'HEALTHY' : 'UNKNOWN',
  healthySinceMs: now - 10_000,
  contrary: 0,
  leaving: false,
  held: false,
  exits: [],
  history: [],
  createdAtMs: 0,
  ...more,
});

const moves = (instances: DrivenInstance[], more: Partial<Fleet> = {}) => {
  const { create, retire } = fleetMoves({
    service: 'gmail',
    instances,
    count: 2,
    revision: 1,
    rollout: Rollout.parse({}),
    mayRunBeside: true,
    nowMs: now,
    ...more,
  });
  return { create, retire: retire.map(({ id }) => id) };
};

const none = { create: [], retire: [] };

describe('as many as wanted', () => {
  it('takes the lowest numbers that are free', () => {
    expect(moves([])).toEqual({ create: ['gmail-1', 'gmail-2'], retire: [] });
    expect(moves([instance(2)])).toEqual({ create: ['gmail-1'], retire: [] });
  });

  it('changes nothing when there are so many, whatever state they are in', () => {
    expect(moves([instance(1), instance(2, { state: 'QUARANTINED' })])).toEqual(none);
    expect(moves([instance(1), instance(2, { state: 'STOPPED', held: true })])).toEqual(none);
  });

  it('lets those go first that do not serve, then the highest numbers', () => {
    const four = [
      instance(1, { state: 'FAILED' }),
      instance(2),
      instance(3),
      instance(4, { state: 'STARTING' }),
    ];
    expect(moves(four)).toEqual({ create: [], retire: ['gmail-1', 'gmail-4'] });
    expect(moves([instance(1), instance(2), instance(10)])).toEqual({ create: [], retire: ['gmail-10'] });
  });

  it('does not count those that leave, and does not reuse their number', () => {
    expect(moves([instance(1, { leaving: true }), instance(2)])).toEqual({ create: ['gmail-3'], retire: [] });
  });

  it('leaves the instances of a service that is stopped to stop by themselves', () => {
    expect(moves([instance(1), instance(2)], { count: 0 })).toEqual(none);
  });
});

describe('old ones are replaced', () => {
  const wanted = { revision: 2 };
  const fresh = { revision: 2 };

  it('batch by batch: a new one is made first', () => {
    expect(moves([instance(1), instance(2)], wanted)).toEqual({ create: ['gmail-3'], retire: [] });
  });

  it('when the new one serves and has for a moment, one old one goes', () => {
    const three = [instance(1), instance(2), instance(3, fresh)];
    expect(moves(three, wanted)).toEqual({ create: [], retire: ['gmail-1'] });
    const justNow = [instance(1), instance(2), instance(3, { ...fresh, healthySinceMs: now - 500 })];
    expect(moves(justNow, wanted)).toEqual(none);
    const starting = [instance(1), instance(2), instance(3, { ...fresh, state: 'STARTING' })];
    expect(moves(starting, wanted)).toEqual(none);
  });

  it('one that does not serve goes at once', () => {
    const three = [
      instance(1, { state: 'FAILED' }),
      instance(2),
      instance(3, { ...fresh, state: 'STARTING' }),
    ];
    expect(moves(three, wanted)).toEqual({ create: [], retire: ['gmail-1'] });
  });

  it('no old one goes while the new ones fail', () => {
    const failing = [instance(1), instance(2), instance(3, { ...fresh, state: 'QUARANTINED' })];
    expect(moves(failing, wanted)).toEqual(none);
  });

  it('all at once: none goes before all new ones serve', () => {
    const rollout = Rollout.parse({ strategy: 'all-at-once' });
    const two = [instance(1), instance(2)];
    expect(moves(two, { ...wanted, rollout })).toEqual({ create: ['gmail-3', 'gmail-4'], retire: [] });
    const half = [...two, instance(3, fresh), instance(4, { ...fresh, state: 'STARTING' })];
    expect(moves(half, { ...wanted, rollout })).toEqual(none);
    const whole = [...two, instance(3, fresh), instance(4, fresh)];
    expect(moves(whole, { ...wanted, rollout })).toEqual({ create: [], retire: ['gmail-1', 'gmail-2'] });
  });

  it('where two cannot run beside each other one old one goes first', () => {
    const beside = { ...wanted, mayRunBeside: false };
    expect(moves([instance(1), instance(2)], beside)).toEqual({ create: [], retire: ['gmail-1'] });
    const gone = [instance(1, { leaving: true, state: 'STOPPING' }), instance(2)];
    expect(moves(gone, beside)).toEqual({ create: ['gmail-3'], retire: [] });
  });

  it('with some that may be missing old ones go before new ones serve', () => {
    const rollout = Rollout.parse({ maxUnavailable: 1 });
    expect(moves([instance(1), instance(2)], { ...wanted, rollout })).toEqual({
      create: ['gmail-3'],
      retire: ['gmail-1'],
    });
  });

  it('going back keeps those that still run with the revision before', () => {
    const three = [instance(1), instance(2), instance(3, { ...fresh, state: 'QUARANTINED' })];
    expect(moves(three, { revision: 1 })).toEqual({ create: [], retire: ['gmail-3'] });
  });
});
