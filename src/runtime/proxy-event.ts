/** API Gateway's proxy events (REST API, payload 1.0) to requests, and responses back. */
import type { APIGatewayProxyEvent, APIGatewayProxyResult } from 'aws-lambda';
import { type Caller, Proof, RoleName } from '../access/model/access.ts';
import type { HttpRequest, HttpResponse } from '../surfaces/http.ts';

export function eventToRequest(event: APIGatewayProxyEvent, signal?: AbortSignal): HttpRequest {
  const headers = Object.fromEntries(
    Object.entries(event.headers ?? {}).map(([name, value]) => [name.toLowerCase(), value ?? '']),
  );
  return {
    method: event.httpMethod,
    baseUrl: baseUrlOf(event, headers),
    path: event.path,
    query: definedOf(event.multiValueQueryStringParameters ?? {}),
    headers,
    body: bodyOf(event),
    caller: callerOf(event),
    signal,
  };
}

/** With the stage, which is in the path that the caller sent and not in the one that the service sees. */
function baseUrlOf(
  { path, requestContext }: APIGatewayProxyEvent,
  headers: Readonly<Record<string, string>>,
): string {
  const scheme = /^https\b/i.test(headers['x-forwarded-proto'] ?? '') ? 'https' : 'http';
  const { path: sent = '' } = requestContext;
  const stage = sent.endsWith(path) ? sent.slice(0, -path.length) : '';
  return `${scheme}://${headers['host'] ?? ''}${stage}`;
}

const definedOf = (values: Record<string, string[] | undefined>): Record<string, string[]> =>
  Object.fromEntries(Object.entries(values).flatMap(([name, value]) => (value ? [[name, value]] : [])));

function bodyOf({ body, isBase64Encoded }: APIGatewayProxyEvent): string | undefined {
  if (body === null || body === undefined) return undefined;
  return isBase64Encoded ? Buffer.from(body, 'base64').toString() : body;
}

/** An authorizer names caller and role; a request that IAM let through is an administrator's. */
function callerOf({ requestContext }: APIGatewayProxyEvent): Caller | undefined {
  const role = RoleName.safeParse(requestContext.authorizer?.['role']);
  const principal: unknown = requestContext.authorizer?.['principalId'];
  if (role.success && typeof principal === 'string') {
    const by = Proof.safeParse(requestContext.authorizer?.['by']).data;
    return { id: principal, role: role.data, ...(by !== undefined && { by }) };
  }
  const { userArn } = requestContext.identity;
  return userArn ? { id: userArn, role: 'admin' } : undefined;
}

export const responseToResult = ({ status, headers, body }: HttpResponse): APIGatewayProxyResult => ({
  statusCode: status,
  headers: { ...headers },
  body,
});
