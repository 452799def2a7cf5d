/** Makes a scripted service speak MCP: tool calls without a handshake, each answered as the test says. */
import type { ServerResponse } from 'node:http';
import * as z from 'zod';
import { json, type Script } from '../system/scripted-service.ts';

export interface ToolUse {
  readonly tool: string;
  readonly arguments: Record<string, unknown>;
  readonly idempotencyKey: string | undefined;
}

const Rpc = z.object({
  id: z.union([z.number(), z.string()]).optional(),
  method: z.string(),
  params: z
    .looseObject({ name: z.string().optional(), arguments: z.record(z.string(), z.unknown()).optional() })
    .optional(),
});

/** What a tool answers; undefined leaves the caller waiting. */
export type Tools = (use: ToolUse, response: ServerResponse) => unknown;

export const toolNames = ['add', 'remove', 'refuse'];

const list = {
  tools: toolNames.map((name) => ({
    name,
    inputSchema: { type: 'object', properties: { id: { type: 'string' } }, required: ['id'] },
  })),
};

export const toolFailure = (text: string) => ({ isError: true, content: [{ type: 'text', text }] });

export function mcpScript(tools: Tools): Script {
  return async (seen, response) => {
    const { id, method, params } = Rpc.parse(seen.body);
    if (id === undefined) return response.writeHead(202).end();
    if (method !== 'tools/call') return json(response, { jsonrpc: '2.0', id, result: list });
    const use = {
      tool: params?.name ?? '',
      arguments: params?.arguments ?? {},
      idempotencyKey: seen.idempotencyKey,
    };
    const result = await tools(use, response);
    if (result !== undefined) json(response, { jsonrpc: '2.0', id, result });
    return undefined;
  };
}
