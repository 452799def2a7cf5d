/**
 * One JSON-RPC message in, at most one out: the SDK's transport for a stateless, buffered POST.
 * (MCP 2025-11-25, Transports: a request is answered with application/json, a notification with 202.)
 */
import type { Transport } from '@modelcontextprotocol/sdk/shared/transport.js';
import { isJSONRPCRequest, type JSONRPCMessage } from '@modelcontextprotocol/sdk/types.js';

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
