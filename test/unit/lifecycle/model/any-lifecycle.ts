/** What is wanted of a service that runs, for tests that care about some of it. */
import type { ServiceLifecycle } from '../../../../src/instances/model/service-lifecycle.ts';
import { HealthCheck } from '../../../../src/registry/services/model/health-check.ts';
import { Rollout } from '../../../../src/registry/services/model/rollout.ts';
import { Scaling } from '../../../../src/registry/services/model/scaling.ts';

export const lifecycle = (more: Partial<ServiceLifecycle> = {}): ServiceLifecycle => ({
  service: 'gmail',
  ver: 1,
  desired: 'running',
  count: 1,
  ended: false,
  asleep: false,
  revision: 2,
  lastRevision: 2,
  template: {
    version: '2.0.0',
    transport: 'mcp',
    driver: { kind: 'webhook', settings: { parameters: {} } },
    healthCheck: HealthCheck.parse({ kind: 'mcp' }),
    scaling: Scaling.parse({}),
    rollout: Rollout.parse({}),
    drainSeconds: 30,
    requires: [],
    fingerprint: 'f',
  },
  routeRevision: 1,
  waiting: [],
  decisions: [],
  ...more,
});
