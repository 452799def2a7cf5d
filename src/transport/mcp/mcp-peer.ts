/**
 * Asks an MCP endpoint one thing, in the cheapest way it takes: a single POST without a handshake, and a
 * session only once the endpoint has refused that. When the time is over or the caller aborts, the
 * connection is closed and the peer is told.
 */
import { afterLostTry, OrchestratorError, withFacts } from '../../base/errors.ts';
import type { Egress } from '../egress.ts';
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

  /** In a new session; the reply that wanted one where there is none. */
  async function postRenewed(
    ask: McpAsk,
    session: Readonly<Record<string, string>>,
    reply: McpReply,
  ): Promise<McpReply> {
    const renewed = await withoutEffect(sessions.renew(ask.url, session, ask));
    return renewed === undefined ? reply : await post(ask, renewed);
  }

  return {
    async ask(ask) {
      const session = await withoutEffect(sessions.headersFor(ask.url, ask));
      const reply = await post(ask, session);
      if (!wantsSession(reply)) return reply;
      const again = postRenewed(ask, session, reply);
      return reply.response.lostBefore === true ? await afterLost(again) : await again;
    },
  };
}

/** What the second post is answered says nothing of a try of the first that got no answer. */
async function afterLost(again: Promise<McpReply>): Promise<McpReply> {
  try {
    const reply = await again;
    return { ...reply, response: { ...reply.response, lostBefore: true } };
  } catch (thrown) {
    const isDecided = !(thrown instanceof OrchestratorError) || thrown.effect === 'unknown';
    throw isDecided ? thrown : afterLostTry(thrown);
  }
}

/** What is done for a session changes nothing that a call is made for. */
async function withoutEffect<T>(session: Promise<T>): Promise<T> {
  try {
    return await session;
  } catch (thrown) {
    throw thrown instanceof OrchestratorError ? withFacts(thrown, { effect: 'none' }) : thrown;
  }
}

/**
 * A call without a session, or with one that is gone, was refused before it ran: 400 or 404 (MCP 2025-11-25,
 * transports), or a server error that names the session or the handshake. An error that names the request is the
 * answer to it, whatever the status: the call may have run.
 */
function wantsSession({ response, answer }: McpReply): boolean {
  const { code, message = '' } = answer?.error ?? {};
  const names = /initiali[sz]|session|protocol.?version/i.test(message);
  if (response.status === 400 || response.status === 404)
    return names || answer === undefined || answer.anonymous === true;
  return response.status === 200 && code !== undefined && code <= -32000 && names;
}

const isGivenUp = (thrown: unknown) =>
  thrown instanceof OrchestratorError &&
  (thrown.code === 'service.timeout' || thrown.code === 'execution.cancelled');

const cancel = (
  egress: Egress,
  { url, subject, credential, id }: McpPost,
  session: Readonly<Record<string, string>>,
) =>
  postNotice(egress, {
    url,
    subject,
    credential,
    headers: session,
    message: {
      method: 'notifications/cancelled',
      params: { requestId: id, reason: 'The orchestrator no longer waits for the answer' },
    },
  });
