import { expect, it } from 'vitest';
import { HealthCheck, healthCheckOf } from '../../../../src/registry/services/model/health-check.ts';

const timing = {
  intervalSeconds: 30,
  timeoutSeconds: 5,
  failuresBeforeUnhealthy: 3,
  successesBeforeHealthy: 2,
  graceSeconds: 30,
};

it('asks an MCP service that says nothing of its health with a ping', () => {
  expect(healthCheckOf({ transport: 'mcp' })).toEqual({ kind: 'mcp', ...timing });
});

it('asks a REST service that says nothing of its health for a connection', () => {
  expect(healthCheckOf({ transport: 'rest' })).toEqual({ kind: 'tcp', ...timing });
});

it('asks as the service says', () => {
  const healthCheck = HealthCheck.parse({ kind: 'http', path: '/ready', intervalSeconds: 5 });
  expect(healthCheckOf({ transport: 'mcp', healthCheck })).toEqual({
    kind: 'http',
    path: '/ready',
    ...timing,
    intervalSeconds: 5,
  });
});
