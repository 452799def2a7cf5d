/**
 * The AWS JSON 1.0 protocol over node:http: the operation is named by `X-Amz-Target`, errors are answered with
 * `__type`. Who may ask is decided before anything is done. Every answer is given only once everything it tells of is
 * written to the journal.
 */
import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { deepestNesting, isTooDeep } from '../../../src/base/nesting.ts';
import type { Door } from '../../aws-endpoint/door.ts';
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

/** Bytes of a request: a definition of 1 MB, escaped. */
const largestRequest = 4_194_304;

interface Answer {
  readonly status: number;
  readonly body: object;
  readonly errorType?: string;
}

async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request) {
    const buffer = Buffer.from(chunk);
    size += buffer.length;
    if (size <= largestRequest) chunks.push(buffer);
  }
  if (size > largestRequest)
    throw new ApiError('RequestEntityTooLarge', `A request has at most ${largestRequest} bytes`);
  return Buffer.concat(chunks);
}

function parsed(body: Buffer): unknown {
  const text = body.toString();
  if (isTooDeep(text)) {
    const message = `The request is nested more than ${deepestNesting} levels deep`;
    throw new ApiError('SerializationException', message);
  }
  try {
    return text === '' ? {} : JSON.parse(text);
  } catch {
    throw new ApiError('SerializationException', 'The body of the request is not JSON');
  }
}

function operationOf(target: string | string[] | undefined): Operation {
  const [service, name = ''] = String(target ?? '').split('.');
  const found = service === 'AWSStepFunctions' ? operations.get(name) : undefined;
  if (found !== undefined) return found;
  const message = `The local Step Functions engine does not know the operation '${target ?? ''}'`;
  throw new ApiError('UnknownOperationException', message);
}

function errorAnswer(error: unknown): Answer {
  if (error instanceof ApiError) {
    return { status: 400, errorType: error.type, body: { __type: error.type, message: error.message } };
  }
  console.error('The local Step Functions engine failed:', error);
  const type = 'InternalServerError';
  return {
    status: 500,
    errorType: type,
    body: { __type: type, message: 'The engine failed; see its output' },
  };
}

const refused = ({ type, message }: Refusal): Answer => ({
  status: 403,
  errorType: type,
  body: { __type: type, message },
});

async function answerTo(request: IncomingMessage, context: RequestHandlerOptions): Promise<Answer> {
  const { refuseForeign, refuseUnsigned } = context.door;
  const foreign = refuseForeign(request);
  if (foreign !== undefined) return refused(foreign);
  try {
    const bytes = await bodyOf(request);
    const unsigned = refuseUnsigned?.(request, bytes);
    if (unsigned !== undefined) return refused(unsigned);
    const body = parsed(bytes);
    if (request.method !== 'POST') throw new ApiError('UnknownOperationException', 'Only POST is answered');
    return { status: 200, body: await operationOf(request.headers['x-amz-target'])(context, body) };
  } catch (error) {
    return errorAnswer(error);
  }
}

export interface RequestHandlerOptions extends OperationContext {
  readonly written: () => Promise<void>;
  readonly door: Door;
}

/** Answers one request; never rejects. */
export async function handleRequest(
  request: IncomingMessage,
  response: ServerResponse,
  options: RequestHandlerOptions,
): Promise<void> {
  let answer = await answerTo(request, options);
  await options.written().catch((error: unknown) => {
    answer = errorAnswer(error);
  });
  const body = JSON.stringify(answer.body);
  response.writeHead(answer.status, {
    'content-type': 'application/x-amz-json-1.0',
    'content-length': Buffer.byteLength(body),
    'x-amzn-requestid': randomUUID(),
    ...(answer.errorType !== undefined && { 'x-amzn-errortype': answer.errorType }),
  });
  response.end(body);
}
