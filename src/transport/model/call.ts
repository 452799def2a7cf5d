/** What a call of a service is, once all its values are known, and how much it may answer. */
import * as z from 'zod';

/** The largest result that is taken of a service and kept, in bytes of JSON. */
export const largestResultBytes = 4 * 1024 * 1024;

export const ToolCall = z.strictObject({
  service: z.string(),
  tool: z.string(),
  arguments: z.record(z.string(), z.unknown()).default({}),
});

export type ToolCall = z.infer<typeof ToolCall>;

export const RequestCall = z.strictObject({
  service: z.string(),
  request: z.strictObject({
    method: z.enum(['GET', 'POST', 'PUT', 'PATCH', 'DELETE']),
    path: z.string(),
    query: z.record(z.string(), z.unknown()).optional(),
    headers: z.record(z.string(), z.unknown()).optional(),
    body: z.unknown().optional(),
  }),
});

export type RequestCall = z.infer<typeof RequestCall>;

/** A call with all its values: a tool of an MCP service, or a request to a REST service. */
export const EvaluatedCall = z.union([ToolCall, RequestCall]);
export type EvaluatedCall = z.infer<typeof EvaluatedCall>;
