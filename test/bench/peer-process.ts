/**
 * The called service: MCP over streamable HTTP, stateless, answering `tools/call` as JSON and nothing more, so
 * that what is measured is the caller. `/after/10` answers after 10 ms, `/after/0` at once.
 */
import { createServer, type ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import * as z from 'zod';

const Call = z.object({
  id: z.number(),
  method: z.literal('tools/call'),
  params: z.object({ arguments: z.record(z.string(), z.unknown()) }),
});

function answer(response: ServerResponse, body: string): void {
  const { id, params } = Call.parse(JSON.parse(body));
  const structuredContent = params.arguments;
  const result = { structuredContent, content: [{ type: 'text', text: JSON.stringify(structuredContent) }] };
  response.writeHead(200, { 'content-type': 'application/json' });
  response.end(JSON.stringify({ jsonrpc: '2.0', id, result }));
}

const server = createServer(async (request, response) => {
  const body = await text(request);
  const delayMs = Number(request.url?.split('/').at(-1));
  if (delayMs === 0) answer(response, body);
  else setTimeout(answer, delayMs, response, body);
});
server.keepAliveTimeout = 65_000;
server.listen(0, '127.0.0.1', () => {
  const { port } = z.object({ port: z.number() }).parse(server.address());
  process.send?.({ peerPort: port });
});
process.once('disconnect', () => process.exit(0));
process.once('SIGTERM', () => process.exit(0));
