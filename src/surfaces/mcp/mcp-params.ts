/** Parameters of MCP requests: the SDK's server answers wrong ones as an internal error (-32603), which they are not. */
import {
  CallToolRequestSchema,
  InitializeRequestSchema,
  isJSONRPCRequest,
  type JSONRPCMessage,
  ListResourcesRequestSchema,
  ListResourceTemplatesRequestSchema,
  ListToolsRequestSchema,
  PingRequestSchema,
  ReadResourceRequestSchema,
  type RequestId,
  ErrorCode as RpcErrorCode,
} from '@modelcontextprotocol/sdk/types.js';
import type * as z from 'zod';
import type { Fault } from '../../base/errors.ts';
import { faultsOf, faultsText } from '../../base/faults.ts';
import { type InexactNumber, refusedNumber } from '../../base/json-numbers.ts';

const requests = new Map<string, z.ZodType>(
  [
    CallToolRequestSchema,
    InitializeRequestSchema,
    ListResourcesRequestSchema,
    ListResourceTemplatesRequestSchema,
    ListToolsRequestSchema,
    PingRequestSchema,
    ReadResourceRequestSchema,
  ].map((schema) => [schema.shape.method.value, schema] as const),
);

/** The answer to a request whose parameters have not the shape of its method; undefined when they do. */
export function refuseParams(message: JSONRPCMessage): JSONRPCMessage | undefined {
  if (!isJSONRPCRequest(message)) return undefined;
  const parsed = requests.get(message.method)?.safeParse(message);
  if (parsed === undefined || parsed.success) return undefined;
  return invalidParams(message.id, faultsOf(parsed.error));
}

/** The answer to a request with numbers that cannot be kept exactly, outside the arguments of a tool. */
export function refuseNumbers(
  message: JSONRPCMessage,
  inexact: readonly InexactNumber[],
): JSONRPCMessage | undefined {
  if (!isJSONRPCRequest(message) || inexact.length === 0) return undefined;
  return invalidParams(message.id, inexact.map(refusedNumber));
}

const invalidParams = (id: RequestId, faults: readonly Fault[]): JSONRPCMessage => ({
  jsonrpc: '2.0',
  id,
  error: { code: RpcErrorCode.InvalidParams, message: faultsText(faults) },
});
