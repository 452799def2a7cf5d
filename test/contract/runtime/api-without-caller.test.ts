/** The api function where the gateway named no caller, as API Gateway calls it on its open routes. */
import type { APIGatewayProxyEvent } from 'aws-lambda';
import { afterAll, expect, it } from 'vitest';
import * as z from 'zod';
import { createApiHandler } from '../../../src/runtime/api.ts';

const nowhere = 'http://127.0.0.1:9';
const handlerFor = (TOKEN_ISSUER: string | undefined, ALLOWED_ORIGINS?: string[]) =>
  createApiHandler({
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
    USAGE: 'on' as const,
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
    REGISTRY_NAMESPACE: undefined,
    SERVICE_REGISTRY_URL: undefined,
    TOKEN_ISSUER,
    ALLOWED_HOSTS: undefined,
    ALLOWED_ORIGINS,
  });

const api = handlerFor(undefined);
const issued = handlerFor('https://login.example.com/tenant');
const page = 'https://app.example.org';
const paged = handlerFor(undefined, [page]);

afterAll(() => {
  api.close();
  issued.close();
  paged.close();
});

/** What is read of API Gateway's proxy event (REST API, payload 1.0). */
const Event = z.custom<APIGatewayProxyEvent>((value) => typeof value === 'object');
const event = (httpMethod: string, path: string, body: string | null = null): APIGatewayProxyEvent =>
  Event.parse({
    httpMethod,
    path,
    headers: { Host: 'abc.execute-api.us-east-1.amazonaws.com', 'X-Forwarded-Proto': 'https' },
    multiValueQueryStringParameters: null,
    body,
    isBase64Encoded: false,
    requestContext: { path: `/prod${path}`, identity: { userArn: null } },
  });

const call = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/list' });

it.each([
  ['GET', '/v1/executions', null],
  ['GET', '/nowhere', null],
  ['POST', '/tools/start_workflow', '{'],
  ['GET', '/openapi.json', null],
  ['POST', '/mcp', call],
  ['POST', '/mcp', '{'],
])('answers %s %s with 401 and a challenge before it looks at anything else', async (method, path, body) => {
  const { statusCode, headers, body: said } = await api(event(method, path, body));
  expect(statusCode).toBe(401);
  expect(headers).toMatchObject({
    'content-type': 'application/problem+json',
    'www-authenticate': 'Bearer realm="orchestrator"',
  });
  expect(JSON.parse(said)).toMatchObject({ code: 'access.unauthenticated', status: 401 });
});

const here = 'https://abc.execute-api.us-east-1.amazonaws.com/prod';
const document = '/.well-known/oauth-protected-resource';

it.each([
  [document, here],
  [`${document}/mcp`, `${here}/mcp`],
])('says at %s how to authenticate, with its stage in the url', async (path, resource) => {
  const { statusCode, body } = await api(event('GET', path));
  expect({ statusCode, body: JSON.parse(body) }).toEqual({
    statusCode: 200,
    body: { resource, bearer_methods_supported: ['header'], resource_name: 'Orchestrator Service' },
  });
});

it('names the issuer of tokens when there is one', async () => {
  const { body } = await issued(event('GET', document));
  expect(JSON.parse(body)).toMatchObject({ authorization_servers: ['https://login.example.com/tenant'] });
});

it.each([
  ['GET', '/.well-known/openid-configuration', 404],
  ['GET', '/.well-known/oauth-protected-resource/v1', 404],
  ['POST', '/.well-known/other', 404],
  ['POST', document, 405],
])('answers %s %s with %i', async (method, path, status) => {
  const { statusCode, headers } = await api(event(method, path));
  expect(statusCode).toBe(status);
  expect(headers).toMatchObject({ 'content-type': 'application/problem+json' });
});

const preflightOf = (path: string, origin: string): APIGatewayProxyEvent => {
  const preflight = event('OPTIONS', path);
  const headers = { Origin: origin, 'Access-Control-Request-Method': 'POST' };
  return { ...preflight, headers: { ...preflight.headers, ...headers } };
};

it.each(['/mcp', '/v1/executions', '/healthz', document])(
  'answers the preflight of %s for a page that may call',
  async (path) => {
    const { statusCode, headers } = await paged(preflightOf(path, page));
    expect(statusCode).toBe(204);
    expect(headers).toMatchObject({
      'access-control-allow-origin': page,
      'access-control-allow-methods': 'GET, HEAD, POST, PUT, PATCH, DELETE',
    });
  },
);

it('tells other pages nothing, and lets OPTIONS do nothing else without a caller', async () => {
  for (const answer of [
    await paged(preflightOf('/v1/executions', 'https://evil.example.com')),
    await api(preflightOf('/v1/executions', page)),
    await paged(event('OPTIONS', '/v1/executions')),
  ]) {
    expect(answer.statusCode).toBe(401);
    expect(answer.headers).not.toHaveProperty('access-control-allow-origin');
  }
});
