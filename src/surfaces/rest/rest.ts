/**
 * Renders the operation table as REST: each `/v1` route, `POST /tools/{id}` for all, and
 * `GET /resources/{id}/{key}` for reads by key. The three give the same status and body.
 */
import { TrieRouter } from 'hono/router/trie-router';
import { executeAudited } from '../../audit/execute-audited.ts';
import { OrchestratorError } from '../../base/errors.ts';
import type { Operation, OperationRoute, OperationTable } from '../../operation/operation.ts';
import { tagOf } from '../entity-tag.ts';
import { askingOf, type CallerRequest, type HttpResponse, json } from '../http.ts';
import type { OperationContext } from '../operations.ts';
import { inputOf } from './rest-input.ts';

interface Route {
  readonly id: string;
  /** The operation's field for each parameter of the path. */
  readonly fieldOf: (parameter: string) => string;
}

const routeMethods = ['GET', 'PUT', 'POST', 'PATCH', 'DELETE'];

export type RestSurface = (request: CallerRequest, context: OperationContext) => Promise<HttpResponse>;

export function createRestSurface(
  routes: readonly OperationRoute[],
  operations: OperationTable<OperationContext>,
): RestSurface {
  let router: TrieRouter<Route> | undefined;
  return async (request, context) => {
    router ??= routerOf(routes);
    const method = request.method === 'HEAD' ? 'GET' : request.method;
    const { route, pathFields } = match(router, method, request.path);
    const operation = await operationOf(operations, route.id);
    const input = inputOf(operation, { request: { ...request, method }, pathFields });
    const { status, output } = await executeAudited(operation, context, {
      caller: askingOf(request),
      surface: 'REST',
      input,
    });
    return json(status, output, tagOf(operation, output));
  };
}

/** Made with the first request, since MCP and health need none. */
function routerOf(routes: readonly OperationRoute[]): TrieRouter<Route> {
  const router = new TrieRouter<Route>();
  for (const route of routes) addRoutes(router, route);
  return router;
}

function operationOf(
  operations: OperationTable<OperationContext>,
  id: string,
): Promise<Operation<OperationContext>> {
  const load = operations.get(id);
  if (load) return load();
  throw new OrchestratorError('internal.error', `The route of ${id} leads to no operation`);
}

function addRoutes(router: TrieRouter<Route>, { id, method, path, resource }: OperationRoute): void {
  const add = (method: string, path: string, fieldOf = (parameter: string) => parameter): void =>
    router.add(method, path, { id, fieldOf });
  add(method, path.replace(/\{(\w+)\}/g, ':$1').replace(/\{(\w+)\+\}/g, ':$1{.+}'));
  add('POST', `/tools/${id}`);
  if (resource) add('GET', `/resources/${id}/:key`, () => resource.key);
}

interface Match {
  readonly route: Route;
  readonly pathFields: Record<string, string>;
}

function match(router: TrieRouter<Route>, method: string, path: string): Match {
  const found = router.match(method, path)[0][0];
  if (!found) throw noRoute(router, method, path);
  const [route, params] = found;
  const entries = Object.entries(params).map(([name, value]) => [route.fieldOf(name), String(value)]);
  return { route, pathFields: Object.fromEntries(entries) };
}

function noRoute(router: TrieRouter<Route>, method: string, path: string): OrchestratorError {
  const allowed = routeMethods.filter((other) => router.match(other, path)[0].length > 0);
  if (allowed.length > 0) return methodNotAllowed(method, path, allowed);
  if (path.startsWith('/tools/'))
    return new OrchestratorError(
      'operation.not-found',
      `There is no operation ${path.slice(7)}; /openapi.json lists them`,
    );
  return new OrchestratorError('route.not-found', `There is no route ${path}; /openapi.json lists them`);
}

/** The methods a path answers are part of the error, so that a surface can send them as `Allow` (RFC 9110). */
export class MethodNotAllowed extends OrchestratorError {
  readonly allowed: readonly string[];
  constructor(message: string, allowed: readonly string[]) {
    super('route.method-not-allowed', message);
    this.allowed = allowed;
  }
}

export const methodNotAllowed = (
  method: string,
  path: string,
  allowed: readonly string[],
): MethodNotAllowed =>
  new MethodNotAllowed(`${path} does not answer ${method}; it answers ${allowed.join(', ')}`, allowed);
