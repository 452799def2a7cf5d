/** JSON-RPC messages of MCP as they come from a peer: parsed once, here. */
import * as z from 'zod';
import { parseJson } from './answer-text.ts';

const Id = z.union([z.string(), z.number(), z.null()]);

const Message = z.object({
  id: Id.optional(),
  method: z.string().optional(),
  result: z.record(z.string(), z.unknown()).optional(),
  error: z.object({ code: z.number(), message: z.string().catch('') }).optional(),
});
export type Message = z.infer<typeof Message>;

export interface RpcError {
  readonly code: number;
  readonly message: string;
}

/** What the peer answered to one request: exactly one of the two. */
export type Answer =
  | { readonly result: Readonly<Record<string, unknown>>; readonly error?: undefined }
  | { readonly error: RpcError; readonly result?: undefined };

/** The messages of a JSON text; one, or a batch. What is not a message is left out. */
export function messagesOf(text: string): Message[] {
  const value = parseJson(text);
  return (Array.isArray(value) ? value : [value]).flatMap((item) => {
    const parsed = Message.safeParse(item);
    return parsed.success ? [parsed.data] : [];
  });
}

/** The answer to request `id` in this message, if it is that. An error may lack its id (JSON-RPC 2.0, 5). */
export function answerIn({ id, method, result, error }: Message, requestId: number): Answer | undefined {
  if (method !== undefined) return undefined;
  if (error !== undefined && (id === requestId || id === null || id === undefined)) return { error };
  return result !== undefined && id === requestId ? { result } : undefined;
}

/** A request which the peer makes of us: it has a method and an id. A notification has no id. */
export const isPeerRequest = ({ id, method }: Message): boolean =>
  method !== undefined && id !== undefined && id !== null;
