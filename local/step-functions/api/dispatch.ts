/**
 * One request of the JSON API: which operation, what it answers, and how a failure looks. Every answer is given only
 * once everything it tells of is written to the journal.
 */
import { deepestNesting, isTooDeep } from '../../../src/base/nesting.ts';
import type { Answer, ServiceRequest } from '../../aws-endpoint/answer.ts';
import type { Refusal } from '../../aws-endpoint/signature.ts';
import { ApiError } from './api-error.ts';
import { executionOperations } from './execution-operations.ts';
import { machineOperations } from './machine-operations.ts';
import type { Operation, OperationContext } from './operation.ts';
import { tagOperations } from './tag-operations.ts';
import { taskOperations } from './task-operations.ts';
import { testOperations } from './test-state.ts';

const operations: ReadonlyMap<string, Operation> = new Map(
  Object.entries({
    ...machineOperations,
    ...executionOperations,
    ...taskOperations,
    ...tagOperations,
    ...testOperations,
  }),
);

export interface DispatchContext extends OperationContext {
  readonly written: () => Promise<void>;
}

/** Answers one request; never rejects. */
export async function answerTo(
  { written, ...context }: DispatchContext,
  request: ServiceRequest,
): Promise<Answer> {
  const answer = await tried(context, request);
  try {
    await written();
    return answer;
  } catch (error) {
    return failed(error);
  }
}

async function tried(context: OperationContext, { target, body }: ServiceRequest): Promise<Answer> {
  try {
    return { status: 200, body: JSON.stringify(await operationOf(target)(context, parsed(body))) };
  } catch (error) {
    return failed(error);
  }
}

function parsed(body: string): unknown {
  if (isTooDeep(body)) {
    const message = `The request is nested more than ${deepestNesting} levels deep`;
    throw new ApiError('SerializationException', message);
  }
  try {
    return body === '' ? {} : JSON.parse(body);
  } catch {
    throw new ApiError('SerializationException', 'The body of the request is not JSON');
  }
}

function operationOf(target: string): Operation {
  const [service, name = ''] = target.split('.');
  const found = service === 'AWSStepFunctions' ? operations.get(name) : undefined;
  if (found !== undefined) return found;
  const message = `The local Step Functions engine does not know the operation '${target}'`;
  throw new ApiError('UnknownOperationException', message);
}

function failed(error: unknown): Answer {
  if (error instanceof ApiError) return errorAnswer(400, error);
  console.error('The local Step Functions engine failed:', error);
  return errorAnswer(500, { type: 'InternalServerError', message: 'The engine failed; see its output' });
}

export const errorAnswer = (status: number, { type, message }: Refusal): Answer => ({
  status,
  errorType: type,
  body: JSON.stringify({ __type: type, message }),
});
