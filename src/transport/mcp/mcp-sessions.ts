/**
 * Which MCP endpoints want a session, and the session of each. Calls that need one at the same moment share
 * one `initialize`, which does not end with the call that began it.
 */
import * as z from 'zod';
import { RecentMap } from '../../base/recent-map.ts';
import { type Bounds, startDeadline, waitWithin } from '../deadline.ts';
import type { Egress } from '../egress.ts';
import { httpFailure } from '../http-failure.ts';
import { type McpReply, postNotice, postRequest, protocolVersion } from './mcp-post.ts';

/** The headers that go with each request of a session. */
type SessionHeaders = Readonly<Record<string, string>>;

export interface McpSessions {
  /** The headers for an endpoint: of its session, or of a single call when it has asked for none. */
  headersFor(url: URL, bounds: Bounds): Promise<SessionHeaders>;
  /** A new session in place of the one that was refused; nothing when the endpoint refuses `initialize`. */
  renew(url: URL, refused: SessionHeaders, bounds: Bounds): Promise<SessionHeaders | undefined>;
}

const initializeMs = 10_000;
const rememberedEndpoints = 1_000;
const singleCall: SessionHeaders = { 'mcp-protocol-version': protocolVersion };
const InitializeResult = z.object({ protocolVersion: z.string().regex(/^[\w.-]{1,40}$/) });

/** A session belongs to whom it was opened for. */
const idOf = ({ href }: URL, { credential }: Pick<Bounds, 'credential'>): string =>
  `${href} ${credential?.reference ?? ''}`;

export function createMcpSessions(egress: Egress): McpSessions {
  const sessions = new RecentMap<string, Promise<SessionHeaders | undefined>>(rememberedEndpoints);

  function open(url: URL, { subject, credential }: Bounds): Promise<SessionHeaders | undefined> {
    const opening = initialize(egress, url, { subject, credential });
    const id = idOf(url, { credential });
    sessions.set(id, opening);
    const forget = () => {
      if (sessions.get(id) === opening) sessions.delete(id);
    };
    opening.then((session) => session ?? forget(), forget);
    return opening;
  }

  return {
    async headersFor(url, bounds) {
      const pending = sessions.get(idOf(url, bounds));
      return (pending === undefined ? undefined : await waitWithin(pending, bounds)) ?? singleCall;
    },
    async renew(url, refused, bounds) {
      const pending = sessions.get(idOf(url, bounds));
      const current = pending === undefined ? undefined : await waitWithin(pending, bounds);
      if (current !== undefined && current !== refused) return current;
      return await waitWithin(open(url, bounds), bounds);
    },
  };
}

async function initialize(
  egress: Egress,
  url: URL,
  { subject, credential }: Pick<Bounds, 'subject' | 'credential'>,
): Promise<SessionHeaders | undefined> {
  const reply = await postRequest(egress, {
    url,
    subject,
    credential,
    headers: {},
    id: 0,
    method: 'initialize',
    repeating: 'safe',
    params: { protocolVersion, capabilities: {}, clientInfo: { name: 'orchestrator-service', version: '1' } },
    deadline: startDeadline(initializeMs),
    maxBytes: 1_048_576,
  });
  if (reply.response.status === 429 || reply.response.status >= 500)
    throw httpFailure(reply.response, subject);
  const headers = sessionHeaders(reply);
  if (headers === undefined) return undefined;
  await postNotice(egress, {
    url,
    headers,
    subject,
    credential,
    message: { method: 'notifications/initialized' },
  });
  return headers;
}

function sessionHeaders({ response, answer }: McpReply): SessionHeaders | undefined {
  const result = InitializeResult.safeParse(answer?.result);
  if (!result.success) return undefined;
  const id = response.headers['mcp-session-id'];
  return {
    'mcp-protocol-version': result.data.protocolVersion,
    ...(typeof id === 'string' ? { 'mcp-session-id': id } : {}),
  };
}
