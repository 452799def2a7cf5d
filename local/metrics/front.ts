/** `GET /metrics` before the API of local mode: for a `viewer`, or for whoever has `METRICS_TOKEN`. */
import { createHash, timingSafeEqual } from 'node:crypto';
import { Role, requireRole } from '../../src/access/model/access.ts';
import { OrchestratorError, toOrchestratorError } from '../../src/base/errors.ts';
import type { ApiHandler } from '../../src/runtime/api.ts';
import { eventToRequest, responseToResult } from '../../src/runtime/proxy-event.ts';
import { type Allowed, refuseForeign } from '../../src/surfaces/foreign-request.ts';
import { type HttpRequest, type HttpResponse, problem } from '../../src/surfaces/http.ts';
import type { ProxyHandler } from '../api-gateway.ts';
import type { Authorize } from '../authorization.ts';
import { acceptedFormat } from './accepted-format.ts';
import type { Metrics } from './metrics.ts';

const isMetrics = (path: string): boolean => /^\/metrics\/?$/.test(path);

const hashOf = (text: string): Buffer => createHash('sha256').update(text).digest();

/** Whoever sends the token may read metrics, and nothing else. */
export function withMetricsToken(authorize: Authorize, token: string | undefined): Authorize {
  if (token === undefined) return authorize;
  const expected = hashOf(`Bearer ${token}`);
  return async (asked) =>
    isMetrics(asked.path) && timingSafeEqual(hashOf(asked.headers['authorization'] ?? ''), expected)
      ? { principalId: 'metrics', role: 'viewer' }
      : authorize(asked);
}

export function withMetrics(api: ApiHandler, metrics: Metrics, hosts: readonly string[]): ProxyHandler {
  const allowed: Allowed = { hosts, origins: [] };
  return async (event, signal) => {
    if (!isMetrics(event.path)) return api.answer(event, signal);
    const request = eventToRequest(event, signal);
    const role = Role.safeParse(event.requestContext.authorizer?.['role']);
    try {
      refuseForeign(request, allowed);
      if (role.success) requireRole({ role: role.data }, 'viewer', 'GET /metrics');
      else throw new OrchestratorError('access.denied', 'GET /metrics needs the role viewer');
      return responseToResult(await answer(request, metrics, api));
    } catch (thrown) {
      const error = toOrchestratorError(thrown);
      if (error.status >= 500) api.context.log.error('metrics not read', { code: error.code });
      return responseToResult(problem(error));
    }
  };
}

async function answer(
  { method, headers }: HttpRequest,
  metrics: Metrics,
  api: ApiHandler,
): Promise<HttpResponse> {
  if (method !== 'GET' && method !== 'HEAD')
    return problem(
      new OrchestratorError('route.method-not-allowed', `/metrics does not answer ${method}; it answers GET`),
      { allow: 'GET, HEAD' },
    );
  const { contentType, text } = await metrics.read(api.context, acceptedFormat(headers['accept']));
  return {
    status: 200,
    headers: { 'content-type': contentType, 'cache-control': 'no-store', vary: 'accept' },
    body: method === 'HEAD' ? '' : text,
  };
}
