/** A function that Lambda freezes after its answer tells its spans before, and waits for nobody who does not take them. */
import { createServer } from 'node:http';
import type { APIGatewayProxyEvent } from 'aws-lambda';
import { afterEach, expect, it } from 'vitest';
import * as z from 'zod';
import { type ApiHandler, createApiHandler } from '../../../src/runtime/api.ts';
import { startOtlpReceiver } from '../../system/otlp-receiver.ts';

const nowhere = 'http://127.0.0.1:9';
const ends: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0)) await end();
});

function apiTelling(endpoint: string): ApiHandler {
  const api = createApiHandler({
    STAGE: 'prod',
    LOG_LEVEL: 'ERROR',
    LOG_OUTPUT: 'console',
    DYNAMODB_ENDPOINT: nowhere,
    STEP_FUNCTIONS_ENDPOINT: nowhere,
    REGISTRY_TABLE: 'registry',
    INSTANCES_TABLE: 'instances',
    EGRESS_ALLOWED_NETWORKS: [],
    EXECUTIONS_TABLE: 'executions',
    TELEMETRY_TABLE: 'telemetry',
    ACCESS_TABLE: 'access',
    AUDIT_TABLE: 'audit',
    AUDIT_RETENTION_DAYS: 365,
    REVOCATION_SECONDS: 0,
    TOKEN_ISSUERS: [],
    RATE_LIMITS: {},
    USAGE: 'off',
    METRICS_RETENTION_DAYS: 30,
    RETENTION_DAYS: 30,
    UNDO_MACHINE_ARN: 'arn:aws:states:us-east-1:000000000000:stateMachine:undo',
    CHANGE_MACHINE_ARN: 'arn:aws:states:us-east-1:000000000000:stateMachine:changes',
    DEFAULT_WORKFLOW: undefined,
    ALLOW_LOCAL_DRIVERS: 'off',
    WEBHOOK_DRIVER: 'off',
    MACHINE_PREFIX: 'orch-prod-',
    MACHINE_ROLE_ARN: 'arn:aws:iam::000000000000:role/machines',
    RUN_STEP_FUNCTION: 'arn:aws:lambda:us-east-1:000000000000:function:run-step',
    ALLOWED_HOSTS: undefined,
    ALLOWED_ORIGINS: undefined,
    OTEL_EXPORTER_OTLP_ENDPOINT: endpoint,
  });
  ends.push(() => api.close());
  return api;
}

const Event = z.custom<APIGatewayProxyEvent>((value) => typeof value === 'object');
const openApi = Event.parse({
  httpMethod: 'GET',
  path: '/openapi.json',
  headers: { Host: 'abc.execute-api.us-east-1.amazonaws.com', 'X-Forwarded-Proto': 'https' },
  multiValueQueryStringParameters: null,
  body: null,
  isBase64Encoded: false,
  requestContext: {
    path: '/prod/openapi.json',
    identity: { userArn: null },
    authorizer: { principalId: 'somebody', role: 'viewer' },
  },
});

it('has sent the span of a request when it answers', async () => {
  const collector = await startOtlpReceiver();
  ends.push(collector.close);
  const { statusCode } = await apiTelling(collector.url)(openApi);
  expect(statusCode).toBe(200);
  expect(collector.spans.map(({ name }) => name)).toEqual(['GET /openapi.json']);
});

it('answers all the same where the collector never does', async () => {
  const silent = createServer(() => {});
  await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
  ends.push(() => {
    silent.close();
    silent.closeAllConnections();
  });
  const { port } = z.object({ port: z.number() }).parse(silent.address());
  const { statusCode } = await apiTelling(`http://127.0.0.1:${port}`)(openApi);
  expect(statusCode).toBe(200);
});
