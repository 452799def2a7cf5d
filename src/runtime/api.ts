/** The function behind API Gateway: REST and MCP over one operation table. */
import type { APIGatewayProxyEvent, APIGatewayProxyResult } from 'aws-lambda';
import { createSpend } from '../access/rate-limits.ts';
import type { Table } from '../aws/table.ts';
import { type Log, logWith } from '../base/log.ts';
import { once } from '../base/once.ts';
import { defaultNamespace } from '../registry/mcp-registry/model/server-name.ts';
import { type App, handle } from '../surfaces/app.ts';
import { createHealth } from '../surfaces/health.ts';
import { namedHosts } from '../surfaces/host-header.ts';
import type { HttpRequest, HttpResponse } from '../surfaces/http.ts';
import { type OperationContext, operations } from '../surfaces/operations.ts';
import { createRestSurface } from '../surfaces/rest/rest.ts';
import type { ApiConfig } from './api-config.ts';
import { type ApiContext, createApiContext } from './contexts/api.ts';
import { createLog } from './log.ts';
import { fieldsOfRequest } from './log-fields.ts';
import { operationRoutes } from './operation-routes.ts';
import { eventToRequest, responseToResult } from './proxy-event.ts';
import { createRequestTraces, type RequestSpan } from './request-traces.ts';
import { version } from './version.ts';

export interface ApiHandler {
  (event: APIGatewayProxyEvent): Promise<APIGatewayProxyResult>;
  /** As by calling it, for a front that sees when a caller has gone. */
  answer(event: APIGatewayProxyEvent, signal: AbortSignal): Promise<APIGatewayProxyResult>;
  readonly context: OperationContext;
  close(): void;
}

export function createApiHandler(config: ApiConfig): ApiHandler {
  const log = createLog('api', config);
  const context = createApiContext(config, log);
  const traces = createRequestTraces(context, config.OTEL_TRACES_SAMPLER_ARG);
  const app = createApp(context, context.registry, config);
  const answerTraced = async (request: HttpRequest, span: RequestSpan, known: Log): Promise<HttpResponse> => {
    const startedAt = context.clock.now();
    const ofRequest = { ...app, context: { ...context, log: known } };
    const response = await handle(ofRequest, { ...request, trace: span.trace });
    span.end(response.status);
    known[response.status < 400 ? 'info' : 'warn']('request', {
      method: request.method,
      path: request.path,
      status: response.status,
      code: response.code,
      caller: request.caller?.id,
      durationMs: context.clock.now() - startedAt,
    });
    await context.tracesTold();
    return response;
  };
  const answer = async (
    event: APIGatewayProxyEvent,
    signal?: AbortSignal,
  ): Promise<APIGatewayProxyResult> => {
    const request = eventToRequest(event, signal);
    const span = traces.begin(request);
    const known = logWith(log, { ...fieldsOfRequest(event), traceId: span.trace.traceId });
    return responseToResult(await answerTraced(request, span, known));
  };
  // Lambda calls with more than the event.
  const handler = (event: APIGatewayProxyEvent) => answer(event);
  return Object.assign(handler, { answer, context, close: context.close });
}

const createApp = (context: ApiContext, registry: Table, config: ApiConfig): App => ({
  context,
  rest: createRestSurface(operationRoutes, operations),
  mcp: once(async () => {
    const { createMcpSurface } = await import('../surfaces/mcp/mcp.ts');
    const tools = async () => (await import('./generated-tools.ts')).tools;
    return createMcpSurface({ routes: operationRoutes, operations, tools, version });
  }),
  registryApi: once(async () =>
    (await import('../surfaces/registry-api/registry-api.ts')).createRegistryApi(
      config.REGISTRY_NAMESPACE ?? defaultNamespace,
    ),
  ),
  openApi: async (rights) => {
    const { visibleOpenApi } = await import('../surfaces/openapi/visible-openapi.ts');
    const document = (await import('../../docs/openapi.json', { with: { type: 'json' } })).default;
    return visibleOpenApi(document, operationRoutes, rights);
  },
  findRights: context.findRights,
  spend: createSpend(config.RATE_LIMITS, context.clock),
  listing: { id: 'list_services', access: 'viewer' },
  health: createHealth(
    {
      // There is no such item: what counts is that the table answers.
      dynamodb: () => registry.get({ pk: 'HEALTH', sk: 'HEAD' }),
      'step-functions': async () => {
        const machine = await context.stepFunctions.describeMachine(context.undoMachineArn);
        if (!machine) throw new Error('the undo machine is missing');
      },
    },
    context.clock,
  ),
  allowed: {
    hosts: config.ALLOWED_HOSTS && namedHosts(config.ALLOWED_HOSTS),
    origins: config.ALLOWED_ORIGINS ?? [],
  },
  tokenIssuer: config.TOKEN_ISSUER,
  tokenIssuers: config.TOKEN_ISSUERS,
});
