/**
 * The called service: MCP over streamable HTTP, stateless, answering as JSON and doing nothing more, so that what is
 * measured is the caller. `/after/10` answers after 10 ms, `/after/0` at once. It is a whole service all the same:
 * the orchestrator reads its tools while it runs, and nothing that it is sent ends it.
 */
import { createServer, type ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import * as z from 'zod';
import { tool } from './settings.ts';

const Message = z.looseObject({
  id: z.union([z.number(), z.string()]).optional(),
  method: z.string(),
  params: z.looseObject({ arguments: z.record(z.string(), z.unknown()).default({}) }).optional(),
});
type Message = z.infer<typeof Message>;

const methodNotFound = { error: { code: -32601, message: 'Method not found' } };

function resultOf({ method, params }: Message): object {
  const structuredContent = params?.arguments ?? {};
  if (method === 'tools/call')
    return {
      result: { structuredContent, content: [{ type: 'text', text: JSON.stringify(structuredContent) }] },
    };
  if (method === 'tools/list')
    return { result: { tools: [{ name: tool, inputSchema: { type: 'object' } }] } };
  return methodNotFound;
}

function answer(response: ServerResponse, message: Message): void {
  if (message.id === undefined) return void response.writeHead(202).end();
  response.writeHead(200, { 'content-type': 'application/json' });
  response.end(JSON.stringify({ jsonrpc: '2.0', id: message.id, ...resultOf(message) }));
}

/** Undefined for what is no JSON-RPC message. */
function messageOf(body: string): Message | undefined {
  try {
    return Message.parse(JSON.parse(body));
  } catch {
    return undefined;
  }
}

const server = createServer(async (request, response) => {
  const message = messageOf(await text(request).catch(() => ''));
  const delayMs = Number(request.url?.split('/').at(-1));
  if (!message) response.writeHead(400).end();
  else if (delayMs === 0) answer(response, message);
  else setTimeout(answer, delayMs, response, message);
});
server.keepAliveTimeout = 65_000;
server.listen(0, '127.0.0.1', () => {
  const { port } = z.object({ port: z.number() }).parse(server.address());
  process.send?.({ peerPort: port });
});
process.once('disconnect', () => process.exit(0));
process.once('SIGTERM', () => process.exit(0));
