/** One call of the service, as it is made directly and by the steps of every other system: MCP over HTTP. */
import * as z from 'zod';
import type { PlainClient } from '../plain-client.ts';
import { tool } from '../settings.ts';

const Answer = z.object({ result: z.object({ structuredContent: z.object({ item: z.string() }) }) });

export interface Service {
  readonly peerPort: number;
  readonly delayMs: number;
}

/** Gives the item back. */
export async function callService(
  client: PlainClient,
  { peerPort, delayMs }: Service,
  item: string,
): Promise<string> {
  const params = { name: tool, arguments: { item } };
  const message = { jsonrpc: '2.0', id: 1, method: 'tools/call', params };
  const answer = await client.post(`http://127.0.0.1:${peerPort}/after/${delayMs}`, message);
  return Answer.parse(JSON.parse(answer)).result.structuredContent.item;
}
