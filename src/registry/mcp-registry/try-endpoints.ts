/**
 * Asks MCP endpoints for the first page of their tools, to say before or with an import whether they are what their
 * document says. It decides nothing: a server may be asleep, or want a key that only calls have. Bounded in time and
 * number; egress refuses what may not be reached.
 */

import { toOrchestratorError } from '../../base/errors.ts';
import { startDeadline } from '../../transport/deadline.ts';
import type { Egress } from '../../transport/egress.ts';
import { createMcpPeer, type McpPeer } from '../../transport/mcp/mcp-peer.ts';
import type { McpReply } from '../../transport/mcp/mcp-post.ts';
import { mcpEndpoint } from '../../transport/model/service-url.ts';

export interface Endpoint {
  readonly name: string;
  readonly url: string;
}

export interface Tried {
  readonly answers: boolean;
  /** What was found: `3 tools`, or why it does not count as an answer. */
  readonly found: string;
}

const mostTried = 64;
const together = 16;
const allMs = 3_000;
const oneMs = 2_000;
const pageBytes = 2_097_152;

/** What came of each; the later ones are missing when there are too many of them, or the time is over. */
export async function tryEndpoints(
  egress: Egress,
  endpoints: readonly Endpoint[],
): Promise<Map<Endpoint, Tried>> {
  const tried = new Map<Endpoint, Tried>();
  const wanted = endpoints.slice(0, mostTried);
  if (wanted.length === 0) return tried;
  const peer = createMcpPeer(egress);
  const until = performance.now() + allMs;
  const work = wanted.values();
  const one = async (): Promise<void> => {
    for (const endpoint of work) {
      const left = until - performance.now();
      if (left <= 0) return;
      tried.set(endpoint, await tryOne(peer, endpoint, Math.min(left, oneMs)));
    }
  };
  await Promise.all(Array.from({ length: together }, one));
  return tried;
}

/** Where the root of a host does not answer `/mcp` is looked at too, and the other way round. */
async function tryOne(peer: McpPeer, { name, url }: Endpoint, boundMs: number): Promise<Tried> {
  const endpoint = mcpEndpoint(name, url);
  const first = await ask(peer, name, { url: endpoint, boundMs });
  const other = first.answers ? undefined : otherOf(endpoint);
  if (!other) return first;
  const second = await ask(peer, name, { url: other, boundMs: boundMs / 2 });
  return second.answers
    ? { ...first, found: `${first.found}; but ${other.href} answers: ${second.found}` }
    : first;
}

function otherOf(endpoint: URL): URL | undefined {
  const other = new URL(endpoint);
  if (endpoint.pathname === '/') other.pathname = '/mcp';
  else if (endpoint.pathname === '/mcp') other.pathname = '/';
  else return undefined;
  return other;
}

async function ask(
  peer: McpPeer,
  name: string,
  { url, boundMs }: { readonly url: URL; readonly boundMs: number },
): Promise<Tried> {
  try {
    return foundIn(
      await peer.ask({
        subject: `Service ${name}`,
        deadline: startDeadline(boundMs),
        url,
        headers: {},
        method: 'tools/list',
        repeating: 'safe',
        params: {},
        maxBytes: pageBytes,
      }),
    );
  } catch (thrown) {
    return { answers: false, found: toOrchestratorError(thrown).message };
  }
}

function foundIn({ response: { status }, answer }: McpReply): Tried {
  const tools = answer?.result?.['tools'];
  if (Array.isArray(tools))
    return { answers: true, found: `${tools.length} tools${hasMore(answer?.result) ? ', and more' : ''}` };
  if (status === 401 || status === 403)
    return { answers: false, found: `it wants authentication (HTTP ${status}), which calls do not carry` };
  if (answer?.error) return { answers: true, found: `JSON-RPC error ${answer.error.code} for tools/list` };
  return { answers: false, found: `it answers, but not as an MCP server does (HTTP ${status})` };
}

const hasMore = (result: Readonly<Record<string, unknown>> | undefined): boolean =>
  typeof result?.['nextCursor'] === 'string' && result['nextCursor'] !== '';
