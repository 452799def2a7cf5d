/** The function behind API Gateway: REST and MCP over one operation table. */
import type { APIGatewayProxyEvent, APIGatewayProxyResult } from 'aws-lambda';
import routes from '../../docs/routes.json' with { type: 'json' };
import { createLateEvaluators } from '../clients/late-evaluators.ts';
import { createLateOutgoing } from '../clients/late-outgoing.ts';
import { defaultNamespace } from '../domain/mcp-registry/server-name.ts';
import { once } from '../domain/once.ts';
import { operations } from '../operations/all.ts';
import type { OperationContext } from '../operations/context.ts';
import { createCallGuard } from '../registry/call-guard.ts';
import { createToolSearch } from '../registry/tool-search.ts';
import type { Table } from '../stores/table.ts';
import { type App, handle } from '../surfaces/app.ts';
import { createHealth } from '../surfaces/health.ts';
import { namedHosts } from '../surfaces/host-header.ts';
import { createRestSurface } from '../surfaces/rest.ts';
import type { ApiConfig } from './api-config.ts';
import { createSharedContext, expressionLimits } from './execution-context.ts';
import { createLateResolver } from './late-resolver.ts';
import {
  createLateAppliedManifest,
  createLateCatalogues,
  createLateExecutionStores,
  createLateGraph,
  createLateServices,
} from './late-stores.ts';
import { createLateUpstream } from './late-upstream.ts';
import { createLog } from './log.ts';
import { eventToRequest, responseToResult } from './proxy-event.ts';
import { version } from './version.ts';

export interface ApiHandler {
  (event: APIGatewayProxyEvent): Promise<APIGatewayProxyResult>;
  readonly context: OperationContext;
  close(): void;
}

export function createApiHandler(config: ApiConfig): ApiHandler {
  const shared = createSharedContext(config, createLog('api', config), createLateExecutionStores);
  const outgoing = createLateOutgoing({ allowedNetworks: config.EGRESS_ALLOWED_NETWORKS });
  const guard = createCallGuard(shared.clock);
  const evaluators = createLateEvaluators({ ...expressionLimits, native: true });
  const catalogues = createLateCatalogues(shared.registry);
  const context: OperationContext = {
    ...shared,
    services: createLateServices(shared.registry),
    appliedManifest: createLateAppliedManifest(shared.registry),
    guard,
    resolveService: createLateResolver({ ...shared, guard }),
    graph: createLateGraph(shared.registry),
    catalogues,
    searchTools: createToolSearch({ catalogues, clock: shared.clock }),
    async evaluateNative(source, bindings) {
      const { evaluateNative } = await import('../clients/native-expressions.ts');
      return evaluateNative(source, bindings, evaluators.evaluate);
    },
    outgoing: outgoing.get,
    findUpstream: createLateUpstream({
      url: config.SERVICE_REGISTRY_URL,
      egress: async () => (await outgoing.get()).egress,
      clock: shared.clock,
      log: shared.log,
    }),
    defaultWorkflow: config.DEFAULT_WORKFLOW,
    machinePrefix: config.MACHINE_PREFIX,
    machineRoleArn: config.MACHINE_ROLE_ARN,
    runStepFunction: config.RUN_STEP_FUNCTION,
  };
  const app = createApp(context, shared.registry, config);
  const handler = async (event: APIGatewayProxyEvent): Promise<APIGatewayProxyResult> => {
    const startedAt = shared.clock.now();
    const request = eventToRequest(event);
    const response = await handle(app, request);
    shared.log.info('request', {
      method: request.method,
      path: request.path,
      status: response.status,
      caller: request.caller?.id,
      durationMs: shared.clock.now() - startedAt,
    });
    return responseToResult(response);
  };
  return Object.assign(handler, {
    context,
    close() {
      void evaluators.close();
      outgoing.close();
      shared.close();
    },
  });
}

const createApp = (context: OperationContext, registry: Table, config: ApiConfig): App => ({
  context,
  rest: createRestSurface(routes, operations),
  mcp: once(async () => {
    const { createMcpSurface } = await import('../surfaces/mcp.ts');
    const tools = async () => (await import('./generated-tools.ts')).tools;
    return createMcpSurface({ routes, operations, tools, version });
  }),
  registryApi: once(async () =>
    (await import('../surfaces/registry-api.ts')).createRegistryApi(
      config.REGISTRY_NAMESPACE ?? defaultNamespace,
    ),
  ),
  openApi: once(async () => (await import('../../docs/openapi.json', { with: { type: 'json' } })).default),
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
});
