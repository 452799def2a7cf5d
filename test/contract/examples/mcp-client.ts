/** An MCP client of the SDK for one example service, and what the tests read from its answers. */
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { CallToolResultSchema } from '@modelcontextprotocol/sdk/types.js';

/** Who calls, as the orchestrator says it in `_meta`. */
export interface Origin {
  readonly executionId?: string;
  readonly idempotencyKey?: string;
}

export interface ToolAnswer {
  readonly isError: boolean;
  readonly text: string;
  readonly structured: unknown;
}

export interface TestClient {
  readonly client: Client;
  call(name: string, args: Record<string, unknown>, origin?: Origin): Promise<ToolAnswer>;
  close(): Promise<void>;
}

export async function connectTo(port: number): Promise<TestClient> {
  const client = new Client({ name: 'test', version: '1.0.0' });
  const transport = new StreamableHTTPClientTransport(new URL(`http://127.0.0.1:${port}/mcp`));
  await client.connect(transport);
  return { client, call: (...call) => callTool(client, ...call), close: () => client.close() };
}

async function callTool(
  client: Client,
  name: string,
  args: Record<string, unknown>,
  ...[origin]: [Origin?]
): Promise<ToolAnswer> {
  const _meta = {
    ...(origin?.executionId ? { 'orchestrator/executionId': origin.executionId } : {}),
    ...(origin?.idempotencyKey ? { 'orchestrator/idempotencyKey': origin.idempotencyKey } : {}),
  };
  const result = CallToolResultSchema.parse(await client.callTool({ name, arguments: args, _meta }));
  const [first] = result.content;
  return {
    isError: result.isError === true,
    text: first?.type === 'text' ? first.text : '',
    structured: result.structuredContent,
  };
}
