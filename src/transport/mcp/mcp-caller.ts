/** Calls a tool of an MCP service and says what came of it: a value, or an error of the catalogue. */
import { type ErrorCode, OrchestratorError } from '../../base/errors.ts';
import { traceHeaders } from '../../base/trace.ts';
import { excerpt, mediaType, quoted } from '../answer-text.ts';
import { type Bounds, startDeadline } from '../deadline.ts';
import { withEffect } from '../effect-of-answer.ts';
import type { Egress } from '../egress.ts';
import type { EgressResponse } from '../egress-request.ts';
import { httpFailure, isSuccess } from '../http-failure.ts';
import type { ToolCall } from '../model/call.ts';
import { mcpEndpoint } from '../model/service-url.ts';
import { checkResultSize, wireLimit } from '../result-size.ts';
import type { Answered, CallContext, CallTarget } from '../service-call.ts';
import type { RpcError } from './json-rpc.ts';
import { diagnose } from './mcp-diagnosis.ts';
import { createMcpPeer } from './mcp-peer.ts';
import type { McpReply } from './mcp-post.ts';
import { ToolResult, toolText, toolValue } from './mcp-result.ts';
import { createMcpToolLists } from './mcp-tool-list.ts';

export interface McpCaller {
  /** The value of the tool's result. Throws OrchestratorError. */
  call(target: CallTarget, call: ToolCall, context: CallContext): Promise<Answered>;
}

export function createMcpCaller(egress: Egress): McpCaller {
  const peer = createMcpPeer(egress);
  const lists = createMcpToolLists(peer);
  return {
    async call(target, call, context) {
      const bounds: Bounds = {
        subject: `Tool ${excerpt(call.tool).slice(0, 120)} of service ${target.service}`,
        deadline: startDeadline(context.timeoutMs),
        signal: context.signal,
        credential: target.credential,
      };
      const url = mcpEndpoint(target.service, target.url);
      const ask = toolsCall(call, context);
      const { response, answer } = await peer.ask({ ...bounds, url, ...ask });
      context.answered?.(response.status);
      try {
        const outcome = outcomeOf({ response, answer }, bounds.subject);
        if (outcome.failed !== undefined)
          throw await diagnose(lists, { ...bounds, url, call, text: outcome.failed });
        return checkResultSize(outcome, context.maxResultBytes, bounds.subject);
      } catch (thrown) {
        throw withEffect(thrown, { repeating: ask.repeating, response });
      }
    },
  };
}

function toolsCall(call: ToolCall, context: CallContext) {
  const { idempotencyKey, executionId, idempotent, maxResultBytes } = context;
  const trace = traceHeaders(context.trace);
  const meta = {
    ...trace,
    'orchestrator/idempotencyKey': idempotencyKey,
    ...(executionId !== undefined && { 'orchestrator/executionId': executionId }),
  };
  return {
    method: 'tools/call',
    repeating: idempotent === true ? ('idempotent' as const) : ('once' as const),
    params: { name: call.tool, arguments: call.arguments, _meta: meta },
    headers: { 'idempotency-key': idempotencyKey, ...trace },
    maxBytes: wireLimit(maxResultBytes),
  };
}

/** The value, or in `failed` what a tool that may have been called wrongly said. */
type Outcome = (Answered & { readonly failed?: undefined }) | { readonly failed: string };

const invalidParams = -32602;

function outcomeOf({ response, answer }: McpReply, subject: string): Outcome {
  if (answer?.error?.code === invalidParams) return { failed: answer.error.message };
  if (!isSuccess(response)) throw httpFailure(response, subject);
  if (answer === undefined) throw badResponse(subject, strangeAnswer(response));
  if (answer.error !== undefined) throw rpcFailure(answer.error, subject);
  const result = ToolResult.safeParse(answer.result);
  if (!result.success) throw badResponse(subject, 'a result that is not the result of a tool');
  return result.data.isError === true
    ? { failed: toolText(result.data) }
    : toolValue(result.data, answer.changed);
}

const refusals: ReadonlyMap<number, ErrorCode> = new Map([
  [-32700, 'service.rejected'],
  [-32600, 'service.rejected'],
  [-32601, 'service.tool-not-found'],
]);

/** JSON-RPC errors: parse error and invalid request are refusals, no `tools/call` means no tools; others may pass. */
const rpcFailure = ({ code, message }: RpcError, subject: string) =>
  new OrchestratorError(
    refusals.get(code) ?? 'service.failed',
    `${subject} failed with JSON-RPC error ${code}${quoted(message)}`,
  );

function strangeAnswer(response: EgressResponse): string {
  const type = mediaType(response);
  if (type === 'text/event-stream') return 'an event stream without an answer to the call';
  if (type !== 'application/json')
    return `${type === '' ? 'no content type' : excerpt(type)}, neither JSON nor an event stream`;
  return response.text === '' ? 'nothing' : 'something that is not a JSON-RPC answer to the call';
}

const badResponse = (subject: string, what: string) =>
  new OrchestratorError('service.bad-response', `${subject} answered ${what}`);
