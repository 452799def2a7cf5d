/** JSON-RPC messages of MCP as they come from a peer: parsed once, here. */
import * as z from 'zod';
import { below, changedNumbers, type InexactNumber } from '../../base/json-numbers.ts';
import { parseJson } from '../answer-text.ts';
import { optionalMember } from './optional-members.ts';

const Id = z.union([z.string(), z.number(), z.null()]);

/** JSON-RPC's code for an error of the server itself; also for one that says none. */
const internalError = -32603;

const Code = z.union([
  z.number(),
  z
    .string()
    .regex(/^-?\d{1,9}$/)
    .transform(Number),
]);

/** Some peers send a bare text, or leave the code out. */
const RpcFailure = z.union([
  z.string().transform((message) => ({ message })),
  z.object({ code: Code.optional().catch(undefined), message: z.string().catch('') }),
]);

/** Members that are null count as missing: many peers write all that a message may have. */
const Message = z.object({
  id: Id.optional(),
  method: optionalMember(z.string()),
  result: optionalMember(z.record(z.string(), z.unknown())),
  error: optionalMember(RpcFailure),
});
export type Message = z.infer<typeof Message> & {
  /** Its numbers that could not be read as they were written. */
  readonly changed: readonly InexactNumber[];
};

export interface RpcError {
  readonly code: number;
  readonly message: string;
}

/** What the peer answered to one request: exactly one of the two. An anonymous error does not say to which. */
export type Answer =
  | {
      readonly result: Readonly<Record<string, unknown>>;
      /** Numbers that were changed, with paths in the result. */
      readonly changed: readonly InexactNumber[];
      readonly error?: undefined;
      readonly anonymous?: undefined;
    }
  | { readonly error: RpcError; readonly result?: undefined; readonly anonymous?: boolean };

/** The messages of a JSON text; one, or a batch. What is not a message is left out. */
export function messagesOf(text: string): Message[] {
  const value = parseJson(text);
  if (value === undefined) return [];
  const changed = changedNumbers(text);
  if (!Array.isArray(value)) return messageOf(value, changed);
  return value.flatMap((item, index) => messageOf(item, below([index], changed)));
}

function messageOf(value: unknown, changed: readonly InexactNumber[]): Message[] {
  const parsed = Message.safeParse(value);
  return parsed.success ? [{ ...parsed.data, changed }] : [];
}

/** The answer to request `id` in this message, if it is that. An error may lack its id (JSON-RPC 2.0, 5). */
export function answerIn(
  { id, method, result, error, changed }: Message,
  requestId: number,
): Answer | undefined {
  if (method !== undefined) return undefined;
  const anonymous = id === null || id === undefined;
  const isOurs = !anonymous && String(id) === String(requestId);
  if (error !== undefined) return failureIn(error, { isOurs, anonymous });
  return result !== undefined && isOurs ? { result, changed: below(['result'], changed) } : undefined;
}

/** What lacks its id and its code is an error of something else, such as a gateway. */
function failureIn(
  { code, message }: { readonly code?: number | undefined; readonly message: string },
  { isOurs, anonymous }: { readonly isOurs: boolean; readonly anonymous: boolean },
): Answer | undefined {
  if (!isOurs && !(anonymous && code !== undefined)) return undefined;
  return { error: { code: code ?? internalError, message }, anonymous };
}

/** A request which the peer makes of us: it has a method and an id. A notification has no id. */
export const isPeerRequest = ({ id, method }: Message): boolean =>
  method !== undefined && id !== undefined && id !== null;
