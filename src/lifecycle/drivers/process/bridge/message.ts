/** JSON-RPC messages of MCP: what one text is, and the texts that the bridge itself writes. */

export type Id = string | number;

export interface Message {
  /** As it was written. */
  readonly text: string;
  readonly id?: Id | undefined;
  readonly method?: string | undefined;
  readonly params?: unknown;
  readonly result?: unknown;
  readonly error?: unknown;
}

/** One message; undefined where the text is none. */
export function messageIn(text: string): Message | undefined {
  const value = parsed(text);
  if (!isObject(value) || value['jsonrpc'] !== '2.0') return undefined;
  const { id, method, params, result, error } = value;
  return {
    text,
    id: typeof id === 'string' || typeof id === 'number' ? id : undefined,
    method: typeof method === 'string' ? method : undefined,
    params,
    result,
    error,
  };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

export const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

export const requestText = (id: Id, method: string, params: unknown): string =>
  JSON.stringify({ jsonrpc: '2.0', id, method, params });

export const noticeText = (method: string, params?: unknown): string =>
  JSON.stringify({ jsonrpc: '2.0', method, params });

export const resultText = (id: Id, result: unknown): string => JSON.stringify({ jsonrpc: '2.0', id, result });

export const errorText = (id: Id | null, code: number, message: string): string =>
  JSON.stringify({ jsonrpc: '2.0', id, error: { code, message } });

/** Codes of JSON-RPC, and of MCP for what the server cannot do now. */
export const codes = {
  parseError: -32700,
  invalidRequest: -32600,
  methodNotFound: -32601,
  unavailable: -32000,
} as const;
