/**
 * The HTTP face of the service: which surface a path belongs to, and what becomes of an error. The REST path
 * loads no MCP code, and the other way round.
 */
import { type OrchestratorError, toOrchestratorError } from '../domain/errors.ts';
import type { OperationContext } from '../operations/context.ts';
import { type AllowedHosts, guard } from './guard.ts';
import { type HttpRequest, type HttpResponse, json, problem } from './http.ts';
import type { McpSurface } from './mcp.ts';
import { MethodNotAllowed, methodNotAllowed, type RestSurface } from './rest.ts';

export interface App {
  readonly rest: RestSurface;
  readonly mcp: () => Promise<McpSurface>;
  readonly openApi: () => Promise<unknown>;
  readonly health: () => Promise<HttpResponse>;
  readonly allowedHosts: AllowedHosts;
  readonly context: OperationContext;
}

export async function handle(app: App, request: HttpRequest): Promise<HttpResponse> {
  try {
    guard(request, app.allowedHosts);
    const response = await route(app, request);
    return request.method === 'HEAD' ? { ...response, body: '' } : response;
  } catch (thrown) {
    return failed(app, request, toOrchestratorError(thrown));
  }
}

async function route(app: App, request: HttpRequest): Promise<HttpResponse> {
  switch (request.path) {
    case '/healthz':
      return only(['GET', 'HEAD'], request, app.health);
    case '/openapi.json':
      return only(['GET', 'HEAD'], request, async () => json(200, await app.openApi()));
    case '/mcp':
      return only(['POST'], request, async () => (await app.mcp())(request, app.context));
    default:
      return app.rest(request, app.context);
  }
}

function only(
  methods: readonly string[],
  { method, path }: HttpRequest,
  answer: () => Promise<HttpResponse>,
): Promise<HttpResponse> {
  if (methods.includes(method)) return answer();
  throw methodNotAllowed(method, path, methods);
}

function failed({ context }: App, { method, path }: HttpRequest, error: OrchestratorError): HttpResponse {
  if (error.status >= 500) {
    const cause = error.cause instanceof Error ? (error.cause.stack ?? error.cause.message) : undefined;
    context.log.error('request failed', { method, path, code: error.code, cause });
  }
  return problem(error, error instanceof MethodNotAllowed ? { allow: error.allowed.join(', ') } : {});
}
