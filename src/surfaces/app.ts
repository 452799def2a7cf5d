/**
 * The HTTP face of the service: which surface a path belongs to, and what becomes of an error. The REST path
 * loads no MCP code, and the other way round.
 */
import { type Needed, type Rights, requireOperation } from '../access/model/access.ts';
import { challengeOf } from '../access/model/challenge.ts';
import type { TokenIssuer } from '../access/model/token-issuer.ts';
import type { Spend } from '../access/rate-limits.ts';
import type { FindRights } from '../access/rights.ts';
import { OrchestratorError, toOrchestratorError } from '../base/errors.ts';
import { preflight, withCors } from './cors.ts';
import type { Allowed } from './foreign-request.ts';
import { refuseForeign } from './foreign-request.ts';
import {
  type CallerRequest,
  type HttpRequest,
  type HttpResponse,
  json,
  problem,
  withCaller,
} from './http.ts';
import type { McpSurface } from './mcp/mcp.ts';
import type { OperationContext } from './operations.ts';
import { indented, indentWanted, withoutPretty } from './pretty.ts';
import { isProtectedResource, protectedResource } from './protected-resource.ts';
import type { RegistryApi } from './registry-api/registry-api.ts';
import { isRegistryPath } from './registry-api/registry-path.ts';
import { MethodNotAllowed, methodNotAllowed, type RestSurface } from './rest/rest.ts';

export interface App {
  readonly rest: RestSurface;
  readonly mcp: () => Promise<McpSurface>;
  readonly registryApi: () => Promise<RegistryApi>;
  /** As far as a caller may use it. */
  readonly openApi: (rights: Rights) => Promise<unknown>;
  readonly findRights: FindRights;
  readonly spend: Spend;
  /** What the registry shows is what this operation lists. */
  readonly listing: Needed;
  readonly health: () => Promise<HttpResponse>;
  readonly allowed: Allowed;
  readonly tokenIssuer: string | undefined;
  /** Whose tokens are taken. */
  readonly tokenIssuers: readonly TokenIssuer[];
  readonly context: OperationContext;
}

export async function handle(app: App, sent: HttpRequest): Promise<HttpResponse> {
  const request = withoutPretty({ ...sent, path: withoutSlash(sent.path) });
  const indent = indentWanted(sent);
  const answered = await answer(app, request);
  const response = indent === undefined ? answered : await indented(answered, indent);
  return withCors(response, request, app.allowed.origins);
}

/** `/v1/services/` is `/v1/services`. */
const withoutSlash = (path: string): string =>
  path.length > 1 && path.endsWith('/') ? path.slice(0, -1) : path;

async function answer(app: App, request: HttpRequest): Promise<HttpResponse> {
  try {
    refuseForeign(request, app.allowed);
    const response = preflight(request, app.allowed.origins) ?? (await route(app, request));
    return request.method === 'HEAD' ? { ...response, body: '' } : response;
  } catch (thrown) {
    return failed(app, request, toOrchestratorError(thrown));
  }
}

/** Health, and how to authenticate, are for everybody; the rest is for callers. */
async function route(app: App, request: HttpRequest): Promise<HttpResponse> {
  if (request.path === '/healthz') return only(['GET', 'HEAD'], request, app.health);
  if (request.path.startsWith('/.well-known/')) return wellKnown(app, request);
  const known = withCaller(request);
  const caller = await app.findRights(known.caller);
  return routeOfCaller(app, { ...known, caller, spend: (kind) => app.spend(caller.id, kind) });
}

async function routeOfCaller(app: App, request: CallerRequest): Promise<HttpResponse> {
  switch (request.path) {
    case '/openapi.json':
      return only(['GET', 'HEAD'], request, async () => json(200, await app.openApi(request.caller)));
    case '/mcp':
      return only(['POST'], request, async () => (await app.mcp())(request, app.context));
    default:
      if (isRegistryPath(request.path)) {
        requireOperation(request.caller, app.listing);
        request.spend?.('reads');
        return (await app.registryApi())(request, app.context);
      }
      return app.rest(request, app.context);
  }
}

async function wellKnown({ tokenIssuer, tokenIssuers }: App, request: HttpRequest): Promise<HttpResponse> {
  if (!isProtectedResource(request.path))
    throw new OrchestratorError('route.not-found', `There is no document ${request.path}`);
  return only(['GET', 'HEAD'], request, async () =>
    json(200, protectedResource(request, { named: tokenIssuer, taken: tokenIssuers })),
  );
}

function only(
  methods: readonly string[],
  { method, path }: HttpRequest,
  answer: () => Promise<HttpResponse>,
): Promise<HttpResponse> {
  if (methods.includes(method)) return answer();
  throw methodNotAllowed(method, path, methods);
}

/** Only what the orchestrator itself could not do is an error, with its cause; the rest came of a service or a workflow. */
function logFailure(
  { log }: App['context'],
  about: Readonly<Record<string, string>>,
  { code, cause }: OrchestratorError,
): void {
  if (code !== 'internal.error') log.warn('request failed', about);
  else log.error('request failed', { ...about, cause: cause instanceof Error ? cause.stack : undefined });
}

function failed(
  { context, tokenIssuers }: App,
  request: HttpRequest,
  error: OrchestratorError,
): HttpResponse {
  const { method, path } = request;
  if (error.status >= 500) logFailure(context, { method, path, code: error.code }, error);
  const headers = {
    ...(error instanceof MethodNotAllowed && { allow: error.allowed.join(', ') }),
    ...(error.code === 'access.unauthenticated' && {
      'www-authenticate': challengeOf(tokenIssuers)(request),
    }),
  };
  return isRegistryPath(path) ? problem(error, headers, { error: error.message }) : problem(error, headers);
}
