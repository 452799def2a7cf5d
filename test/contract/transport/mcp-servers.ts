/** MCP servers of the official SDK on a peer: stateless as a Lambda would be, or demanding a session. */
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';
import { StreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/streamableHttp.js';
import { onTestFinished } from 'vitest';
import * as z from 'zod';

export interface SdkPeer {
  readonly url: string;
  /** What was asked, in order: the JSON-RPC method, or the HTTP method without one. */
  readonly asked: string[];
  /** `_meta` of each tool call. */
  readonly metas: unknown[];
  /** Forgets every session, as a restarted server does. */
  forgetSessions(): void;
}

interface SdkPeerOptions {
  readonly stateful: boolean;
  /** Answer as JSON instead of an event stream. */
  readonly json: boolean;
}

function emailServer(metas: unknown[]): McpServer {
  const server = new McpServer({ name: 'gmail', version: '1.0.0' });
  server.registerTool(
    'get_email',
    {
      inputSchema: { id: z.string().max(20), limit: z.number().int().optional() },
      outputSchema: { subject: z.string() },
    },
    ({ id }, extra) => {
      metas.push(extra._meta);
      const structuredContent = { subject: `Subject of ${id}` };
      return {
        structuredContent,
        content: [{ type: 'text' as const, text: JSON.stringify(structuredContent) }],
      };
    },
  );
  server.registerTool('fail', { inputSchema: { id: z.string() } }, () => {
    throw new Error('the mailbox is locked');
  });
  return server;
}

export async function startSdkPeer({ stateful, json }: SdkPeerOptions): Promise<SdkPeer> {
  const sessions = new Map<string, StreamableHTTPServerTransport>();
  const asked: string[] = [];
  const metas: unknown[] = [];

  async function open(): Promise<StreamableHTTPServerTransport> {
    const keep = (id: string, opened: StreamableHTTPServerTransport) => sessions.set(id, opened);
    const transport: StreamableHTTPServerTransport = new StreamableHTTPServerTransport({
      enableJsonResponse: json,
      ...(stateful
        ? { sessionIdGenerator: randomUUID, onsessioninitialized: (id: string) => void keep(id, transport) }
        : {}),
    });
    await emailServer(metas).connect(transport as Parameters<McpServer['connect']>[0]);
    return transport;
  }

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body: unknown = JSON.parse(await textOf(request));
    const method = z.object({ method: z.string() }).safeParse(body);
    asked.push(method.success ? method.data.method : String(request.method));
    const id = request.headers['mcp-session-id'];
    const session = typeof id === 'string' ? sessions.get(id) : undefined;
    if (typeof id === 'string' && session === undefined) {
      response.writeHead(404, { 'content-type': 'application/json' });
      response.end('{"jsonrpc":"2.0","error":{"code":-32001,"message":"Session not found"},"id":null}');
      return;
    }
    await (session ?? (await open())).handleRequest(request, response, body);
  }

  const server = createServer((request, response) => void serve(request, response));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = z.object({ port: z.number() }).parse(server.address());
  return { url: `http://127.0.0.1:${port}`, asked, metas, forgetSessions: () => sessions.clear() };
}

async function textOf(request: IncomingMessage): Promise<string> {
  let text = '';
  for await (const piece of request.setEncoding('utf8')) text += String(piece);
  return text;
}
