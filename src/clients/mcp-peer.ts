/**
 * Asks an MCP endpoint one thing, in the cheapest way it takes: a single POST without a handshake, and a
 * session only once the endpoint has refused that. When the time is over or the caller aborts, the
 * connection is closed and the peer is told.
 */
import { OrchestratorError } from '../domain/errors.ts';
import type { Egress } from './egress.ts';
import { type McpPost, type McpReply, postNotice, postRequest } from './mcp-post.ts';
import { createMcpSessions } from './mcp-sessions.ts';

type McpAsk = Omit<McpPost, 'id'>;

export interface McpPeer {
  ask(ask: McpAsk): Promise<McpReply>;
}

export function createMcpPeer(egress: Egress): McpPeer {
  const sessions = createMcpSessions(egress);
  let lastId = 0;

  async function post(ask: McpAsk, session: Readonly<Record<string, string>>): Promise<McpReply> {
    lastId += 1;
    const request: McpPost = { ...ask, id: lastId, headers: { ...ask.headers, ...session } };
    try {
      return await postRequest(egress, request);
    } catch (thrown) {
      if (isGivenUp(thrown)) await cancel(egress, request, session);
      throw thrown;
    }
  }

  return {
    async ask(ask) {
      const session = await sessions.headersFor(ask.url, ask);
      const reply = await post(ask, session);
      if (!wantsSession(reply)) return reply;
      const renewed = await sessions.renew(ask.url, session, ask);
      return renewed === undefined ? reply : await post(ask, renewed);
    },
  };
}

/**
 * A call without a session, or with one that is gone, was refused before it ran: 400 or 404 (MCP 2025-11-25,
 * transports), or a server error that names the session or the handshake.
 */
function wantsSession({ response, answer }: McpReply): boolean {
  const code = answer?.error?.code;
  if (response.status === 400 || response.status === 404) return code !== -32602 && code !== -32601;
  if (response.status !== 200 || code === undefined || code > -32000) return false;
  return /initiali[sz]|session/i.test(answer?.error?.message ?? '');
}

const isGivenUp = (thrown: unknown) =>
  thrown instanceof OrchestratorError &&
  (thrown.code === 'service.timeout' || thrown.code === 'execution.cancelled');

const cancel = (egress: Egress, { url, subject, id }: McpPost, session: Readonly<Record<string, string>>) =>
  postNotice(egress, {
    url,
    subject,
    headers: session,
    message: {
      method: 'notifications/cancelled',
      params: { requestId: id, reason: 'The orchestrator no longer waits for the answer' },
    },
  });
