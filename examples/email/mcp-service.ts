/**
 * Hosts an MCP server over streamable HTTP at `/mcp`: stateless, buffered JSON answers, and a fresh SDK server
 * for each request, as the SDK asks for without sessions. `GET` and `DELETE` answer 405 before the transport,
 * which would open an endless stream for the one and pretend success for the other.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';
import { StreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/streamableHttp.js';
import type { RequestHandlerExtra } from '@modelcontextprotocol/sdk/shared/protocol.js';
import type { CallToolResult, ServerNotification, ServerRequest } from '@modelcontextprotocol/sdk/types.js';
import { AjvJsonSchemaValidator } from '@modelcontextprotocol/sdk/validation/ajv-provider.js';
import * as z from 'zod';
import { pause, type RunningService, type ServiceOptions, startHttpService } from './http-service.ts';

export interface McpDefinition {
  readonly name: string;
  /** Adds tools and resources to the server of one request: schemas and handlers are made once, outside it. */
  readonly register: (server: McpServer) => void;
}

/** What the orchestrator says of a call in MCP `_meta`; both are absent when somebody else calls. */
const CallMeta = z.object({
  'orchestrator/idempotencyKey': z.string().optional(),
  'orchestrator/executionId': z.string().optional(),
});

export interface CallOrigin {
  readonly idempotencyKey?: string | undefined;
  readonly executionId?: string | undefined;
}

/** A failure that the caller may read: it becomes an MCP tool error with this message. */
export class ToolFault extends Error {}

/** Shared, because each SDK server would otherwise build one of its own: a quarter of the cost of a call. */
const jsonSchemaValidator = new AjvJsonSchemaValidator();

type Extra = RequestHandlerExtra<ServerRequest, ServerNotification>;

export function startMcpService(definition: McpDefinition, options: ServiceOptions): Promise<RunningService> {
  return startHttpService({ '/mcp': { POST: (...call) => answerMcp(definition, ...call) } }, options);
}

/** An SDK tool handler that waits `delayMs`, runs, and answers with structured content and the same as text. */
export const toolHandler =
  <Input, Output extends Record<string, unknown>>(
    delayMs: number,
    run: (input: Input, origin: CallOrigin) => Output | Promise<Output>,
  ) =>
  async (input: Input, extra: Extra): Promise<CallToolResult> => {
    await pause(delayMs, extra.signal);
    const result = await readable(() => run(input, originOf(extra)));
    return { content: [{ type: 'text', text: JSON.stringify(result) }], structuredContent: result };
  };

async function answerMcp(
  definition: McpDefinition,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const server = new McpServer({ name: definition.name, version: '1.0.0' }, { jsonSchemaValidator });
  definition.register(server);
  // Closing aborts the handler's signal: that is how hanging up reaches a stateless tool.
  response.once('close', () => void server.close());
  const transport = new StreamableHTTPServerTransport({ enableJsonResponse: true });
  await server.connect(transport);
  await transport.handleRequest(request, response);
}

function originOf(extra: Extra): CallOrigin {
  const meta = CallMeta.safeParse(extra._meta ?? {});
  if (!meta.success) return {};
  return {
    idempotencyKey: meta.data['orchestrator/idempotencyKey'],
    executionId: meta.data['orchestrator/executionId'],
  };
}

/** The SDK sends the message of any error to the caller: only a `ToolFault` is meant for it. */
async function readable<T>(run: () => T | Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (error) {
    if (error instanceof ToolFault) throw error;
    console.error(error);
    throw new ToolFault('The tool failed inside the service; see its log');
  }
}
