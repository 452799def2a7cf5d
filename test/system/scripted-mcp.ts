/** An MCP service that does what a test tells it: `tools/call` as one JSON-RPC POST. */
import * as z from 'zod';
import { json, type ScriptedService, startScriptedService } from './scripted-service.ts';

const Message = z.looseObject({
  id: z.union([z.number(), z.string()]).optional(),
  method: z.string(),
  params: z.unknown(),
});
const CallParams = z.looseObject({ name: z.string(), arguments: z.record(z.string(), z.unknown()) });

export interface ToolCall {
  readonly tool: string;
  readonly arguments: Record<string, unknown>;
}

/** A tool's answer; throwing makes it an error of the tool, and a promise that never resolves hangs. */
export type Tools = (call: ToolCall) => unknown;

/** A tool by its name, or with what it says of itself. */
export type ToolName = string | { readonly name: string; readonly annotations: object };

export const startScriptedMcp = (names: readonly ToolName[], tools: Tools): Promise<ScriptedService> =>
  startScriptedService(async ({ body }, response) => {
    const { id, method, params } = Message.parse(body);
    if (id === undefined) return response.writeHead(202).end();
    if (method !== 'tools/call')
      return json(response, {
        jsonrpc: '2.0',
        id,
        result: {
          tools: names.map((tool) => ({
            ...(typeof tool === 'string' ? { name: tool } : tool),
            inputSchema: { type: 'object' },
          })),
        },
      });
    const call = CallParams.parse(params);
    const result = await toolResult(tools, { tool: call.name, arguments: call.arguments });
    json(response, { jsonrpc: '2.0', id, result });
  });

async function toolResult(tools: Tools, call: ToolCall): Promise<unknown> {
  try {
    const value = await tools(call);
    return { content: [{ type: 'text', text: JSON.stringify(value) }], structuredContent: value };
  } catch (error) {
    return { isError: true, content: [{ type: 'text', text: error instanceof Error ? error.message : '' }] };
  }
}
