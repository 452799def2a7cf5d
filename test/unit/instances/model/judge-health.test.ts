import { array, assert, boolean, constantFrom, integer, property, record } from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type CheckResult,
  type JudgedHealth,
  judgeHealth,
} from '../../../../src/instances/model/judge-health.ts';

const thresholds = { failuresBeforeUnhealthy: 3, successesBeforeHealthy: 2 };
const fresh: JudgedHealth = { health: 'UNKNOWN', contrary: 0 };

/** `+` is a pass, `-` a failure, `~` a failure within the grace. */
function after(results: string, from: JudgedHealth = fresh): JudgedHealth {
  return [...results].reduce(
    (present, sign) => judgeHealth(present, { passed: sign === '+', graceOver: sign !== '~' }, thresholds),
    from,
  );
}

describe('an instance that nobody has looked at', () => {
  it.each([
    ['the first pass makes healthy', '+', 'HEALTHY', 0],
    ['three failures make unhealthy', '---', 'UNHEALTHY', 0],
    ['two failures leave unknown', '--', 'UNKNOWN', 2],
    ['failures within the grace leave as it is', '~~~~~~', 'UNKNOWN', 0],
    ['a pass after failures makes healthy', '--+', 'HEALTHY', 0],
    ['only the failures after the grace count', '~~~--', 'UNKNOWN', 2],
  ])('%s', (_title, results, health, contrary) => {
    expect(after(results)).toEqual({ health, contrary });
  });
});

describe('an instance that is healthy', () => {
  it.each([
    ['stays so with two failures in a row', '+--', 'HEALTHY', 2],
    ['is unhealthy after three', '+---', 'UNHEALTHY', 0],
    ['counts anew after a pass', '+--+--', 'HEALTHY', 2],
    ['is not touched by failures within the grace', '+~~~', 'HEALTHY', 0],
  ])('%s', (_title, results, health, contrary) => {
    expect(after(results)).toEqual({ health, contrary });
  });
});

describe('an instance that is unhealthy', () => {
  it.each([
    ['needs two passes in a row', '---+', 'UNHEALTHY', 1],
    ['is healthy after them', '---++', 'HEALTHY', 0],
    ['counts anew after a failure', '---+-+', 'UNHEALTHY', 1],
  ])('%s', (_title, results, health, contrary) => {
    expect(after(results)).toEqual({ health, contrary });
  });
});

it('says with a threshold of one what the last result said', () => {
  const once = { failuresBeforeUnhealthy: 1, successesBeforeHealthy: 1 };
  const failed = judgeHealth({ health: 'HEALTHY', contrary: 0 }, { passed: false, graceOver: true }, once);
  expect(failed).toEqual({ health: 'UNHEALTHY', contrary: 0 });
  expect(judgeHealth(failed, { passed: true, graceOver: true }, once)).toEqual({
    health: 'HEALTHY',
    contrary: 0,
  });
});

const anyResult = record({ passed: boolean(), graceOver: boolean() });
const anyThresholds = record({
  failuresBeforeUnhealthy: integer({ min: 1, max: 10 }),
  successesBeforeHealthy: integer({ min: 1, max: 10 }),
});
const anyHealth = constantFrom<JudgedHealth['health']>('UNKNOWN', 'HEALTHY', 'UNHEALTHY');

describe('whatever the results are', () => {
  it('never becomes unknown again, and counts less than the threshold', () => {
    assert(
      property(array(anyResult, { maxLength: 60 }), anyThresholds, (results, limits) => {
        let present = fresh;
        for (const result of results) {
          const next = judgeHealth(present, result, limits);
          if (present.health !== 'UNKNOWN') expect(next.health).not.toBe('UNKNOWN');
          expect(next.contrary).toBeLessThan(
            Math.max(limits.failuresBeforeUnhealthy, limits.successesBeforeHealthy),
          );
          present = next;
        }
      }),
    );
  });

  it('is healthy after as many passes in a row as are asked for, and unhealthy after as many failures', () => {
    assert(
      property(array(anyResult, { maxLength: 30 }), anyThresholds, boolean(), (results, limits, passed) => {
        const needed = passed ? limits.successesBeforeHealthy : limits.failuresBeforeUnhealthy;
        const row: CheckResult[] = Array.from({ length: needed }, () => ({ passed, graceOver: true }));
        const last = [...results, ...row].reduce(
          (present, result) => judgeHealth(present, result, limits),
          fresh,
        );
        expect(last).toEqual({ health: passed ? 'HEALTHY' : 'UNHEALTHY', contrary: 0 });
      }),
    );
  });

  it('changes nothing where a result agrees, so that nothing has to be written', () => {
    assert(
      property(anyHealth, boolean(), (health, graceOver) => {
        const settled = { health, contrary: 0 };
        const agreeing = {
          passed: health === 'HEALTHY',
          graceOver: health === 'UNKNOWN' ? false : graceOver,
        };
        expect(judgeHealth(settled, agreeing, thresholds)).toEqual(settled);
      }),
    );
  });
});
