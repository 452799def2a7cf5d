/**
 * Whether an MCP endpoint lives, in one POST without a handshake. Every answer in JSON-RPC shows it, an error too: an
 * endpoint that wants a session, or a newer protocol, says so in one. None is opened for that, as it would stay behind.
 */
import * as z from 'zod';
import { parseJson } from '../answer-text.ts';
import type { Bounds } from '../deadline.ts';
import type { Egress } from '../egress.ts';
import type { EgressResponse } from '../egress-request.ts';
import { httpFailure, isSuccess } from '../http-failure.ts';
import { postRequest, protocolVersion } from './mcp-post.ts';

const maxBytes = 65_536;

/** It lives and wants credentials (401, 403), or fewer requests (429). */
const livingStatuses = [401, 403, 429];

/** To another request perhaps: servers answer what they refuse under an id of their own, or null. */
const RpcAnswer = z.object({
  jsonrpc: z.literal('2.0'),
  error: z.object({ code: z.number(), message: z.string() }),
});

/** Why it does not live, or nothing when it does. Rejects as egress does. */
export async function pingMcp(
  egress: Egress,
  target: Bounds & { readonly url: URL },
): Promise<string | undefined> {
  const { response, answer } = await postRequest(egress, {
    ...target,
    headers: { 'mcp-protocol-version': protocolVersion },
    id: 1,
    method: 'ping',
    repeating: 'safe',
    params: {},
    maxBytes,
    alone: true,
  });
  if (livingStatuses.includes(response.status)) return undefined;
  const isAnswer = answer !== undefined && answer.anonymous !== true;
  if (response.status < 500 && (isAnswer || isRpcError(response))) return undefined;
  return isSuccess(response)
    ? `${target.subject} answered an MCP ping with something that is not JSON-RPC`
    : httpFailure(response, target.subject).message;
}

const isRpcError = ({ text }: EgressResponse): boolean => RpcAnswer.safeParse(parseJson(text)).success;
