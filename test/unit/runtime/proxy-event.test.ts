import type { APIGatewayProxyEvent } from 'aws-lambda';
import { expect, it } from 'vitest';
import * as z from 'zod';
import { eventToRequest } from '../../../src/runtime/proxy-event.ts';

/** The parts of API Gateway's proxy event that are read (REST API, payload 1.0). */
const Event = z.custom<APIGatewayProxyEvent>((value) => typeof value === 'object');
const event = (parts: object): APIGatewayProxyEvent =>
  Event.parse({
    httpMethod: 'POST',
    path: '/tools/start_workflow',
    headers: { Host: 'api.example.com', 'X-Test': '1' },
    multiValueQueryStringParameters: { a: ['1', '2'] },
    body: null,
    isBase64Encoded: false,
    requestContext: { identity: { userArn: null } },
    ...parts,
  });

it('decodes a body that API Gateway encoded', () => {
  const body = Buffer.from('{"ä":1}').toString('base64');
  expect(eventToRequest(event({ body, isBase64Encoded: true })).body).toBe('{"ä":1}');
});

it('lowers header names and keeps every value of a query parameter', () => {
  expect(eventToRequest(event({}))).toMatchObject({
    headers: { host: 'api.example.com', 'x-test': '1' },
    query: { a: ['1', '2'] },
    body: undefined,
  });
});

it('takes caller and role from the authorizer, else an IAM caller as administrator, else nobody', () => {
  const authorizer = { principalId: 'ann', role: 'viewer' };
  expect(eventToRequest(event({ requestContext: { authorizer, identity: {} } })).caller).toEqual({
    id: 'ann',
    role: 'viewer',
  });
  const identity = { userArn: 'arn:aws:iam::1:user/ann' };
  expect(eventToRequest(event({ requestContext: { identity } })).caller).toEqual({
    id: identity.userArn,
    role: 'admin',
  });
  expect(eventToRequest(event({})).caller).toBeUndefined();
});

it.each([
  ['behind a stage', { path: '/prod/tools/start_workflow' }, {}, 'http://api.example.com/prod'],
  ['on a domain of its own', { path: '/tools/start_workflow' }, {}, 'http://api.example.com'],
  [
    'over TLS',
    { path: '/prod/tools/start_workflow' },
    { 'X-Forwarded-Proto': 'https' },
    'https://api.example.com/prod',
  ],
  ['over several proxies', {}, { 'X-Forwarded-Proto': 'https,http' }, 'https://api.example.com'],
  ['with a scheme that is none', {}, { 'X-Forwarded-Proto': 'javascript:' }, 'http://api.example.com'],
])('knows where the API is %s', (_where, requestContext, headers, baseUrl) => {
  const asked = event({
    headers: { Host: 'api.example.com', ...headers },
    requestContext: { identity: {}, ...requestContext },
  });
  expect(eventToRequest(asked).baseUrl).toBe(baseUrl);
});
