/** What every line of one invocation says of it, as far as the event and the context of Lambda tell. */
import type { APIGatewayProxyEvent } from 'aws-lambda';
import * as z from 'zod';
import type { LogFields } from '../base/log.ts';

/** W3C Trace Context, 3.2: the trace id is the second part. */
const traceparent = /^[0-9a-f]{2}-([0-9a-f]{32})-[0-9a-f]{16}-[0-9a-f]{2}/;

export function fieldsOfRequest({ headers, requestContext }: APIGatewayProxyEvent): LogFields {
  const { requestId } = requestContext;
  const traceId = traceIdIn(headers ?? {});
  return { ...(requestId !== '' && { requestId }), ...(traceId !== undefined && { traceId }) };
}

function traceIdIn(headers: APIGatewayProxyEvent['headers']): string | undefined {
  const [, text = ''] = Object.entries(headers).find(([name]) => name.toLowerCase() === 'traceparent') ?? [];
  const [, traceId] = traceparent.exec(text) ?? [];
  return /^0*$/.test(traceId ?? '') ? undefined : traceId;
}

const Invocation = z.object({ awsRequestId: z.string() });

/** Of what Lambda gives a function besides the event. */
export function fieldsOfInvocation(invocation: unknown): LogFields {
  const { data } = Invocation.safeParse(invocation);
  return data ? { requestId: data.awsRequestId } : {};
}

const Task = z.object({ executionId: z.string(), step: z.string().optional(), path: z.string().optional() });

/** Of what a state machine asks `run-step` and `undo` for. */
export function fieldsOfTask(event: unknown): LogFields {
  const { data } = Task.safeParse(event);
  if (!data) return {};
  const { executionId: workflowId, step, path = '' } = data;
  return { workflowId, ...(step !== undefined && { step: `${path}${step}` }) };
}
