/**
 * The messages in the body of a POST: one, or a batch where the protocol has batches. A server that negotiates 2025-03-26
 * takes them (JSON-RPC batching there), and a client of that version says none; 2025-06-18 took them away again.
 */
import {
  isJSONRPCRequest,
  type JSONRPCMessage,
  JSONRPCMessageSchema,
  SUPPORTED_PROTOCOL_VERSIONS,
} from '@modelcontextprotocol/sdk/types.js';
import { faultsText } from '../../base/faults.ts';
import { below, type InexactNumber, inexactNumbers, refusedNumber } from '../../base/json-numbers.ts';
import { deepestNesting, isTooDeep } from '../../base/nesting.ts';
import { unusableNames } from '../../base/unusable-names.ts';
import { type HttpRequest, type HttpResponse, json } from '../http.ts';

export interface ParsedMessage {
  readonly message: JSONRPCMessage;
  /** Numbers of its parameters that cannot be kept exactly, with paths in the message. */
  readonly inexact: readonly InexactNumber[];
}

/** A message that is none; it is answered without an id. */
export interface RefusedMessage {
  readonly refused: string;
}

type Parsed =
  | { readonly response: HttpResponse }
  | { readonly messages: readonly (ParsedMessage | RefusedMessage)[]; readonly isBatch: boolean };

export const invalidRequest = -32600;
const parseError = -32700;
const mostInBatch = 20;
const batchVersion = '2025-03-26';

export const errorAnswer = (code: number, message: string) => ({
  jsonrpc: '2.0',
  id: null,
  error: { code, message },
});

const rejected = (code: number, message: string): Parsed => ({
  response: json(400, errorAnswer(code, message)),
});

export function parseBody({ headers, body = '' }: HttpRequest): Parsed {
  const version = headers['mcp-protocol-version'];
  if (version !== undefined && !SUPPORTED_PROTOCOL_VERSIONS.includes(version)) {
    return rejected(
      -32000,
      `MCP-Protocol-Version ${version} is not supported; use one of ${SUPPORTED_PROTOCOL_VERSIONS.join(', ')}`,
    );
  }
  if (isTooDeep(body))
    return rejected(invalidRequest, `The body is nested more than ${deepestNesting} levels deep`);
  const parsed = parsedJson(body);
  if (parsed === undefined) return rejected(parseError, 'The body is not JSON');
  const inexact = inexactNumbers(body);
  if (Array.isArray(parsed)) return parseBatch(parsed, { version, inexact });
  const message = parseMessage(parsed, inexact);
  return 'refused' in message
    ? rejected(invalidRequest, message.refused)
    : { messages: [message], isBatch: false };
}

function parseBatch(
  values: readonly unknown[],
  { version = batchVersion, inexact }: { version: string | undefined; inexact: readonly InexactNumber[] },
): Parsed {
  if (version !== batchVersion)
    return rejected(invalidRequest, `${version} has no batches; send one message a request`);
  if (values.length === 0 || values.length > mostInBatch)
    return rejected(
      invalidRequest,
      `A batch has 1 to ${mostInBatch} messages, and this one ${values.length}`,
    );
  const messages = values.map((value, index) => partOfBatch(parseMessage(value, below([index], inexact))));
  return { messages, isBatch: true };
}

/** MCP 2025-03-26, Lifecycle: `initialize` is no part of a batch. */
const partOfBatch = (part: ParsedMessage | RefusedMessage): ParsedMessage | RefusedMessage =>
  'message' in part && isJSONRPCRequest(part.message) && part.message.method === 'initialize'
    ? { refused: 'initialize is no part of a batch' }
    : part;

function parseMessage(value: unknown, inexact: readonly InexactNumber[]): ParsedMessage | RefusedMessage {
  const outside = inexact.filter(({ path }) => path[0] !== 'params').map(refusedNumber);
  if (outside.length > 0) return { refused: faultsText(outside) };
  const unusable = unusableNames(value);
  if (unusable.length > 0) return { refused: faultsText(unusable) };
  const message = JSONRPCMessageSchema.safeParse(withoutTask(value));
  return message.success
    ? { message: message.data, inexact }
    : { refused: 'The message is not a JSON-RPC 2.0 message' };
}

/** Without the capability `tasks` the request is served as if it asked for none (MCP 2025-11-25, Tasks: task support). */
function withoutTask(value: unknown): unknown {
  const { params }: { params?: unknown } = Object(value);
  if (typeof params !== 'object' || params === null || !Object.hasOwn(params, 'task')) return value;
  const { task: _ignored, ...others } = Object(params);
  return { ...Object(value), params: others };
}

function parsedJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
