/**
 * Renders the operation table as MCP: tools, and resources for reads by key. One exchange a request, without
 * sessions, over the SDK's low-level Server: validation stays in the operation, so errors carry our codes.
 * (MCP 2025-11-25: streamable HTTP, tools, resources.)
 */
import { Server } from '@modelcontextprotocol/sdk/server/index.js';
import {
  CallToolRequestSchema,
  type CallToolResult,
  ListResourcesRequestSchema,
  ListResourceTemplatesRequestSchema,
  ListToolsRequestSchema,
  McpError,
  ReadResourceRequestSchema,
  type ReadResourceResult,
  ErrorCode as RpcErrorCode,
  type Tool,
} from '@modelcontextprotocol/sdk/types.js';
import type { jsonSchemaValidator } from '@modelcontextprotocol/sdk/validation/types.js';
import { permits } from '../../access/model/access.ts';
import { executeAudited } from '../../audit/execute-audited.ts';
import { type Fault, OrchestratorError, toOrchestratorError } from '../../base/errors.ts';
import { faultsText } from '../../base/faults.ts';
import { below, refusedNumber } from '../../base/json-numbers.ts';
import { beginSpan } from '../../base/spans.ts';
import { readTrace } from '../../base/trace.ts';
import type { Asking, Operation, OperationRoute, OperationTable } from '../../operation/operation.ts';
import { askingOf, type CallerRequest, errorToProblem, type HttpResponse, json } from '../http.ts';
import type { OperationContext } from '../operations.ts';
import { errorAnswer, invalidRequest, type ParsedMessage, parseBody } from './mcp-body.ts';
import { exchangeOf } from './mcp-exchange.ts';
import { refuseNumbers, refuseParams } from './mcp-params.ts';

export interface McpOptions {
  readonly routes: readonly OperationRoute[];
  readonly operations: OperationTable<OperationContext>;
  /** The tool list as it is generated at build time: converting schemas costs more than a call, and so does reading it. */
  readonly tools: () => Promise<Tool[]>;
  readonly version: string;
}

export type McpSurface = (request: CallerRequest, context: OperationContext) => Promise<HttpResponse>;

export function createMcpSurface(options: McpOptions): McpSurface {
  return async (request, context) => {
    const parsed = parseBody(request);
    if ('response' in parsed) return parsed.response;
    const { isBatch, messages } = parsed;
    const answer = (part: (typeof messages)[number], caller: Asking): unknown =>
      'refused' in part
        ? errorAnswer(invalidRequest, part.refused)
        : answerTo(options, { context, caller }, part);
    const answers: unknown[] = [];
    await (isBatch ? askingInBatch : askingAlone)(request, async (caller) => {
      for (const part of messages) answers.push(await answer(part, caller));
    });
    const given = answers.filter((one) => one !== undefined);
    if (given.length === 0) return { status: 202, headers: {}, body: '' };
    return json(200, isBatch ? given : given[0]);
  };
}

type Asked = (caller: Asking) => Promise<void>;

const askingAlone = (request: CallerRequest, ask: Asked): Promise<void> => ask(askingOf(request));

/** What the messages of a batch wait for comes one after the other, and the batch is answered as soon as one would be. */
const batchWaitsMs = 25_000;

async function askingInBatch(request: CallerRequest, ask: Asked): Promise<void> {
  const { signal, ...caller } = askingOf(request);
  // A time-out that only AbortSignal.any knows may be collected as garbage before it is over.
  const ended = new AbortController();
  const end = (): void => ended.abort();
  const timer = setTimeout(end, batchWaitsMs);
  if (signal?.aborted) end();
  signal?.addEventListener('abort', end);
  try {
    await ask({ ...caller, signal: ended.signal });
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', end);
  }
}

/** The answer to one message; undefined for what is not answered. */
async function answerTo(
  options: McpOptions,
  asked: Pick<Session, 'context' | 'caller'>,
  { message, inexact }: ParsedMessage,
): Promise<unknown> {
  const faults = below(['params', 'arguments'], inexact).map(refusedNumber);
  const refused =
    refuseParams(message) ?? (faults.length < inexact.length ? refuseNumbers(message, inexact) : undefined);
  if (refused !== undefined) return refused;
  const server = serverFor(options, { ...asked, faults });
  const exchange = exchangeOf(message);
  await server.connect(exchange);
  try {
    return await exchange.answer();
  } finally {
    await server.close();
  }
}

interface Session {
  readonly context: OperationContext;
  readonly caller: Asking;
  /** What is wrong with the arguments before anybody looks at them. */
  readonly faults: readonly Fault[];
}

function serverFor(options: McpOptions, session: Session): Server {
  const { routes, operations, tools, version } = options;
  const server = new Server(
    { name: 'orchestrator', version },
    { capabilities: { tools: {}, resources: {} }, instructions, jsonSchemaValidator: noElicitation },
  );
  const allowed = routes.filter((route) => permits(session.caller, route));
  const names = new Set(allowed.map(({ id }) => id));
  const visible = async () => (await tools()).filter(({ name }) => names.has(name));
  server.setRequestHandler(ListToolsRequestSchema, async () => ({ tools: await visible() }));
  server.setRequestHandler(CallToolRequestSchema, ({ params }) => callTool(operations, session, params));
  server.setRequestHandler(ListResourcesRequestSchema, () => ({ resources: [] }));
  server.setRequestHandler(ListResourceTemplatesRequestSchema, async () => ({
    resourceTemplates: templatesOf(allowed, await visible()),
  }));
  server.setRequestHandler(ReadResourceRequestSchema, ({ params }) =>
    readResource(options, session, params.uri),
  );
  return server;
}

/** The SDK would make an ajv for every request, to check answers to questions that are never asked. */
const noElicitation: jsonSchemaValidator = {
  getValidator() {
    throw new Error('This server asks its clients nothing');
  },
};

const instructions =
  'Run a workflow with call_workflow: it starts it, waits up to 25 seconds for its end, and gives its output. ' +
  'An answer with next has not ended: go on with that call, get_workflow_status with wait, as often as needed, and do not ' +
  'start the workflow again. Where waitingFor names an approval, the person who may decide does so by approve_step or ' +
  'reject_step. start_workflow without wait only starts, for what runs longer than anybody waits.';

async function execute(
  operation: Operation<OperationContext>,
  { context, caller }: Session,
  input: unknown,
): Promise<unknown> {
  return (await executeAudited(operation, context, { caller, surface: 'MCP', input })).output;
}

interface ToolParams {
  readonly name: string;
  readonly arguments?: Record<string, unknown> | undefined;
  readonly _meta?: Readonly<Record<string, unknown>> | undefined;
}

async function callTool(
  operations: OperationTable<OperationContext>,
  asked: Session,
  { name, arguments: input = {}, _meta: meta }: ToolParams,
): Promise<CallToolResult> {
  const load = operations.get(name);
  if (!load)
    throw new McpError(RpcErrorCode.InvalidParams, `Unknown tool: ${name}`, { code: 'operation.not-found' });
  const span = beginToolSpan(asked, name, meta);
  const session = { ...asked, caller: { ...asked.caller, trace: span.trace } };
  try {
    const { faults: errors } = session;
    if (errors.length > 0) throw new OrchestratorError('request.invalid', faultsText(errors), { errors });
    const output = await execute(await load(), session, input);
    span.end();
    return {
      content: [{ type: 'text', text: JSON.stringify(output) }],
      structuredContent: { ...Object(output) },
    };
  } catch (thrown) {
    const error = toOrchestratorError(thrown);
    span.end(error.code);
    return failedTool(session, name, error);
  }
}

/** A trace that comes with the message goes before the one of the request that brought it (MCP: `_meta`). */
const beginToolSpan = ({ context, caller }: Session, tool: string, meta: ToolParams['_meta']) =>
  beginSpan(context.tracing, readTrace(meta?.['traceparent'], meta?.['tracestate']) ?? caller.trace, () => ({
    name: `tools/call ${tool}`,
    kind: 'server',
    attributes: {
      'mcp.method.name': 'tools/call',
      'gen_ai.operation.name': 'execute_tool',
      'gen_ai.tool.name': tool,
    },
  }));

/** The problem travels as text, which models read, and in `_meta`, which programs read. */
function failedTool({ context }: Session, tool: string, error: OrchestratorError): CallToolResult {
  if (error.code === 'internal.error') context.log.error('tool failed', { tool, cause: causeOf(error) });
  else context.log.warn('tool refused', { tool, code: error.code });
  const problem = errorToProblem(error);
  return {
    isError: true,
    content: [{ type: 'text', text: JSON.stringify(problem) }],
    _meta: { 'orchestrator/error': problem },
  };
}

const causeOf = ({ cause }: OrchestratorError): string =>
  cause instanceof Error ? (cause.stack ?? cause.message) : String(cause);

const templatesOf = (routes: readonly OperationRoute[], tools: readonly Tool[]) =>
  routes.flatMap(({ id, resource }) =>
    resource
      ? [
          {
            uriTemplate: `${resource.scheme}://{${resource.key}}`,
            name: id,
            description: tools.find(({ name }) => name === id)?.description,
            mimeType: 'application/json',
          },
        ]
      : [],
  );

const resourceNotFound = -32002;

function decoded(key: string, uri: string): string {
  try {
    return decodeURIComponent(key);
  } catch {
    throw new McpError(RpcErrorCode.InvalidParams, `Not valid percent-encoding: ${uri}`, { uri });
  }
}

async function readResource(
  { routes, operations }: McpOptions,
  session: Session,
  uri: string,
): Promise<ReadResourceResult> {
  const [scheme, key] = uri.split('://');
  const route = routes.find(({ resource }) => resource?.scheme === scheme);
  const load = route && operations.get(route.id);
  if (!route?.resource || !load || !key)
    throw new McpError(resourceNotFound, `Unknown resource: ${uri}`, { uri });
  const input = { [route.resource.key]: decoded(key, uri) };
  try {
    const output = await execute(await load(), session, input);
    return { contents: [{ uri, mimeType: 'application/json', text: JSON.stringify(output) }] };
  } catch (thrown) {
    const error = toOrchestratorError(thrown);
    session.context.log.warn('resource refused', { resource: route.id, code: error.code });
    const code =
      error.status === 404
        ? resourceNotFound
        : error.status < 500
          ? RpcErrorCode.InvalidParams
          : RpcErrorCode.InternalError;
    throw new McpError(code, error.message, { ...errorToProblem(error), uri });
  }
}
