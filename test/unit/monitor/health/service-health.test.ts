import { describe, expect, it } from 'vitest';
import type { CheckedHealth } from '../../../../src/instances/model/checked-health.ts';
import type { ServiceInstances } from '../../../../src/instances/model/instances.ts';
import { judgeInstances, withNeeds } from '../../../../src/monitor/health/model/service-health.ts';

const nowMs = Date.parse('2026-11-28T10:00:00Z');
const registeredAt = '2026-11-28T09:00:00.000Z';

const instance = (id: string, more = {}) => ({
  service: 'mail',
  id,
  version: '1.0.0',
  url: `http://${id}.example/`,
  labels: {},
  leaseSeconds: 60,
  renewedAtMs: nowMs,
  reported: 'HEALTHY' as const,
  registeredAt,
  ...more,
});

const mail = (more: Partial<ServiceInstances> = {}): ServiceInstances => ({
  name: 'mail',
  route: {
    revision: 1,
    versions: [{ version: '1.0.0', transport: 'rest', tags: [], registeredAt }],
  },
  registered: [],
  ...more,
});

const checked = (id: string, health: CheckedHealth['health'], reason = ''): CheckedHealth => ({
  service: 'mail',
  id,
  url: `http://${id}.example/`,
  ver: 1,
  health,
  reached: true,
  contrary: 0,
  sinceMs: nowMs,
  reason,
  changesMs: [],
});

describe('a service by its own instances', () => {
  it('is healthy when one was seen to be, and nothing is wrong', () => {
    expect(judgeInstances(mail({ registered: [instance('one')] }), nowMs)).toEqual({
      health: 'HEALTHY',
      because: [],
    });
  });

  it('is unhealthy without instances', () => {
    expect(judgeInstances(mail(), nowMs)).toEqual({ health: 'UNHEALTHY', because: ['it has no instance'] });
  });

  it('is unknown while nobody has looked at its url', () => {
    const route = {
      revision: 1,
      versions: [
        { version: '1.0.0', transport: 'rest' as const, url: 'http://one.example/', tags: [], registeredAt },
      ],
    };
    expect(judgeInstances(mail({ route }), nowMs)).toEqual({
      health: 'UNKNOWN',
      because: ['none of its instances has passed a check yet'],
    });
  });

  it('is degraded when some of its instances cannot be called, and names them', () => {
    const registered = [instance('one'), instance('two', { renewedAtMs: nowMs - 61_000 }), instance('three')];
    const known = mail({ registered, checked: [checked('three', 'UNHEALTHY', 'it answered 503')] });
    expect(judgeInstances(known, nowMs)).toEqual({
      health: 'DEGRADED',
      because: [
        'instance two is UNREACHABLE: its lease ran out',
        'instance three is UNHEALTHY: it fails its checks: it answered 503',
      ],
    });
  });

  it('names five instances, and says how many more there are', () => {
    const registered = ['a', 'b', 'c', 'd', 'e', 'f', 'g'].map((id) =>
      instance(id, { reported: 'UNHEALTHY' }),
    );
    expect(judgeInstances(mail({ registered }), nowMs)).toEqual({
      health: 'UNHEALTHY',
      because: [
        'instance a is UNHEALTHY: its heartbeats say so',
        'instance b is UNHEALTHY: its heartbeats say so',
        'instance c is UNHEALTHY: its heartbeats say so',
        'instance d is UNHEALTHY: its heartbeats say so',
        'instance e is UNHEALTHY: its heartbeats say so',
        '2 more instances are so',
      ],
    });
  });
});

describe('a service by what it needs', () => {
  const well = { health: 'HEALTHY' as const, because: [] };
  const needs = (health: Parameters<typeof withNeeds>[1][number]['health'], required = true) =>
    withNeeds(well, [{ service: 'store', required, health }]);

  it.each(['DEGRADED', 'UNHEALTHY', 'STOPPED'] as const)(
    'is degraded when one that it requires is %s',
    (health) => {
      expect(needs(health)).toEqual({
        health: 'DEGRADED',
        because: [`it requires store, which is ${health}`],
      });
    },
  );

  it('is degraded when one that it requires is not registered', () => {
    expect(needs(undefined)).toEqual({
      health: 'DEGRADED',
      because: ['it requires store, which is not registered'],
    });
  });

  it.each(['HEALTHY', 'UNKNOWN', 'ASLEEP'] as const)(
    'is as it is when one that it requires is %s',
    (health) => {
      expect(needs(health)).toEqual(well);
    },
  );

  it('is degraded by one that it may do without only when that cannot be called', () => {
    expect(needs('UNHEALTHY', false)).toEqual({
      health: 'DEGRADED',
      because: ['it uses store, which is UNHEALTHY'],
    });
    expect(needs('STOPPED', false)).toEqual(well);
  });

  it('is no better than its own instances are', () => {
    const sick = { health: 'UNHEALTHY' as const, because: ['it has no instance'] };
    expect(withNeeds(sick, [{ service: 'store', required: true, health: 'DEGRADED' }])).toEqual({
      health: 'UNHEALTHY',
      because: ['it has no instance', 'it requires store, which is DEGRADED'],
    });
    const stopped = { health: 'STOPPED' as const, because: [] };
    expect(withNeeds(stopped, [{ service: 'store', required: true, health: 'UNHEALTHY' }])).toEqual(stopped);
  });
});
