/**
 * One JSON-RPC message in, at most one out: the SDK's transport for a stateless, buffered POST.
 * (MCP 2025-11-25, Transports: a request is answered with application/json, a notification with 202.)
 */
import type { Transport } from '@modelcontextprotocol/sdk/shared/transport.js';
import {
  isJSONRPCRequest,
  type JSONRPCMessage,
  JSONRPCMessageSchema,
  SUPPORTED_PROTOCOL_VERSIONS,
} from '@modelcontextprotocol/sdk/types.js';
import { faultsText } from '../domain/faults.ts';
import { type InexactNumber, inexactNumbers, refusedNumber } from '../domain/json-numbers.ts';
import { deepestNesting, isTooDeep } from '../domain/nesting.ts';
import { unusableNames } from '../domain/unusable-names.ts';
import { type HttpRequest, type HttpResponse, json } from './http.ts';

export interface Exchange extends Transport {
  /** The answer to the message; undefined for what is not answered. */
  answer(): Promise<JSONRPCMessage | undefined>;
}

export function exchangeOf(incoming: JSONRPCMessage): Exchange {
  let deliver: (message: JSONRPCMessage) => void = () => {};
  const answered = new Promise<JSONRPCMessage>((resolve) => {
    deliver = resolve;
  });
  return {
    start: async () => {},
    close: async () => {},
    async send(message) {
      if ('result' in message || 'error' in message) deliver(message);
    },
    async answer() {
      this.onmessage?.(incoming);
      return isJSONRPCRequest(incoming) ? answered : undefined;
    },
  };
}

interface ParsedMessage {
  readonly message: JSONRPCMessage;
  /** Numbers of its parameters that cannot be kept exactly, with paths in the message. */
  readonly inexact: readonly InexactNumber[];
}

type Parsed = ParsedMessage | { readonly response: HttpResponse };

const rejected = (status: number, code: number, message: string): { readonly response: HttpResponse } => ({
  response: json(status, { jsonrpc: '2.0', id: null, error: { code, message } }),
});

export function parseMessage({ headers, body = '' }: HttpRequest): Parsed {
  const version = headers['mcp-protocol-version'];
  if (version !== undefined && !SUPPORTED_PROTOCOL_VERSIONS.includes(version)) {
    return rejected(
      400,
      -32000,
      `MCP-Protocol-Version ${version} is not supported; use one of ${SUPPORTED_PROTOCOL_VERSIONS.join(', ')}`,
    );
  }
  if (isTooDeep(body))
    return rejected(400, -32600, `The body is nested more than ${deepestNesting} levels deep`);
  const parsed = parsedJson(body);
  if (parsed === undefined) return rejected(400, -32700, 'The body is not JSON');
  if (Array.isArray(parsed))
    return rejected(400, -32600, 'Batches are not supported; send one message a request');
  const inexact = inexactNumbers(body);
  const outside = inexact.filter(({ path }) => path[0] !== 'params').map(refusedNumber);
  if (outside.length > 0) return rejected(400, -32600, faultsText(outside));
  const unusable = unusableNames(parsed);
  if (unusable.length > 0) return rejected(400, -32600, faultsText(unusable));
  const message = JSONRPCMessageSchema.safeParse(parsed);
  return message.success
    ? { message: message.data, inexact }
    : rejected(400, -32600, 'The body is not a JSON-RPC 2.0 message');
}

function parsedJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
