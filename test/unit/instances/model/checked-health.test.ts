import { array, assert, boolean, property } from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  afterCheck,
  type CheckedHealth,
  whyAvoided,
} from '../../../../src/instances/model/checked-health.ts';

const thresholds = { failuresBeforeUnhealthy: 2, successesBeforeHealthy: 1 };

const check = (passed: boolean, atMs: number, more = {}) => ({
  service: 'mail',
  id: 'one',
  url: 'http://mail.example/',
  passed,
  reached: true,
  why: passed ? undefined : 'it answered 503',
  atMs,
  graceOver: true,
  ...more,
});

/** `+` is a pass, `-` a failure, each a minute after the one before. */
function checkedBy(signs: string, from?: CheckedHealth, more = {}): CheckedHealth | undefined {
  return [...signs].reduce(
    (known, sign, index) => afterCheck(known, check(sign === '+', (index + 1) * 60_000, more), thresholds),
    from,
  );
}

describe('an instance that nobody has looked at', () => {
  it('is healthy with the first check that passes', () => {
    expect(checkedBy('+')).toEqual({
      countedMs: 60_000,
      service: 'mail',
      id: 'one',
      url: 'http://mail.example/',
      ver: 1,
      health: 'HEALTHY',
      reached: true,
      contrary: 0,
      sinceMs: 60_000,
      reason: 'its check passes',
      changesMs: [],
    });
  });

  it('stays unknown until as many checks have failed as its threshold says', () => {
    expect(checkedBy('-')).toMatchObject({ health: 'UNKNOWN', contrary: 1, ver: 1 });
    expect(checkedBy('--')).toMatchObject({ health: 'UNHEALTHY', ver: 2, reason: 'it answered 503' });
  });

  it('has nothing written down by failures within its grace', () => {
    expect(checkedBy('---', undefined, { graceOver: false })).toBeUndefined();
  });
});

it('is the same record as long as nothing changes', () => {
  const healthy = checkedBy('+');
  expect(checkedBy('+++', healthy)).toBe(healthy);
});

it('begins anew where its url is another one', () => {
  const healthy = checkedBy('+');
  const moved = checkedBy('-', healthy, { url: 'http://other.example/' });
  expect(moved).toMatchObject({ url: 'http://other.example/', health: 'UNKNOWN', contrary: 1, ver: 2 });
});

describe('one that flaps', () => {
  const flapped = checkedBy('+--+--+');

  it('is kept from calls after four changes within ten minutes', () => {
    expect(flapped).toMatchObject({ health: 'HEALTHY', quarantinedMs: 420_000, changesMs: { length: 4 } });
    expect(flapped && whyAvoided(flapped)).toBe(
      'its health changed 4 times within 10 minutes; it is called again after as long of passing checks',
    );
    expect(checkedBy('+--+--')).not.toHaveProperty('quarantinedMs');
  });

  it('is called again after ten minutes of passing checks, and no sooner', () => {
    const at = (minutes: number) => afterCheck(flapped, check(true, 420_000 + minutes * 60_000), thresholds);
    expect(at(9)).toBe(flapped);
    expect(at(10)).not.toHaveProperty('quarantinedMs');
    expect(at(10)).toMatchObject({ health: 'HEALTHY', changesMs: [] });
  });

  it('is not one whose changes are further apart', () => {
    const slow = [...'+--+--+'].reduce<CheckedHealth | undefined>(
      (known, sign, index) => afterCheck(known, check(sign === '+', index * 400_000), thresholds),
      undefined,
    );
    expect(slow).not.toHaveProperty('quarantinedMs');
  });
});

describe('one that fails in another way than before', () => {
  const refusing = checkedBy('--');
  const silent = { reached: false, why: 'connection refused' };

  it('does not answer any more after as many such checks in a row as its threshold says', () => {
    const once = checkedBy('-', refusing, silent);
    expect(once && whyAvoided(once)).toBe('it fails its checks: it answered 503');
    const twice = checkedBy('-', once, { ...silent, atMs: 300_000 });
    expect(twice && whyAvoided(twice)).toBe('it does not answer: connection refused');
    expect(twice).toMatchObject({ health: 'UNHEALTHY', sinceMs: 300_000, changesMs: [], ver: 4 });
    expect(twice).not.toHaveProperty('unlike');
    expect(checkedBy('---', twice, silent)).toBe(twice);
  });

  it('answers again likewise, and is unhealthy all the same', () => {
    const gone = checkedBy('--', undefined, silent);
    expect(checkedBy('--', gone)).toMatchObject({ health: 'UNHEALTHY', reached: true });
  });

  it('is as it was where checks like those before come in between', () => {
    const mixed = checkedBy('-', checkedBy('-', checkedBy('-', refusing, silent)), silent);
    expect(mixed).toMatchObject({ reached: true, unlike: 1 });
  });
});

it('says why no call goes to it', () => {
  const unhealthy = checkedBy('--');
  expect(unhealthy && whyAvoided(unhealthy)).toBe('it fails its checks: it answered 503');
  const silent = checkedBy('--', undefined, { reached: false, why: 'connection refused' });
  expect(silent && whyAvoided(silent)).toBe('it does not answer: connection refused');
  const healthy = checkedBy('+');
  expect(healthy && whyAvoided(healthy)).toBeUndefined();
});

it('has a version that grows by one with each record that is another one', () => {
  assert(
    property(array(boolean(), { maxLength: 60 }), (results) => {
      let known: CheckedHealth | undefined;
      for (const [index, passed] of results.entries()) {
        const next = afterCheck(known, check(passed, index * 30_000), thresholds);
        if (next !== known) expect(next?.ver).toBe((known?.ver ?? 0) + 1);
        known = next;
      }
    }),
  );
});
