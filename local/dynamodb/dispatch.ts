/** One request of the JSON API: which operation, what it answers, and how a failure looks. */

import { deepestNesting, isTooDeep } from '../../src/base/nesting.ts';
import type { Answer, ServiceRequest } from '../aws-endpoint/answer.ts';
import type { Refusal } from '../aws-endpoint/signature.ts';
import { ApiError, notReadable } from './api-error.ts';
import { batchGetItem } from './operations/batch-get-item.ts';
import { batchWriteItem } from './operations/batch-write-item.ts';
import { getItem } from './operations/get-item.ts';
import type { Operation, OperationContext } from './operations/operation.ts';
import { query } from './operations/query.ts';
import { scan } from './operations/scan.ts';
import { tableOperations } from './operations/table-operations.ts';
import { tagOperations } from './operations/tags.ts';
import { timeToLiveOperations } from './operations/time-to-live.ts';
import { transactGetItems, transactWriteItems } from './operations/transactions.ts';
import { itemWrites } from './operations/write-item.ts';

const operations: ReadonlyMap<string, Operation> = new Map(
  Object.entries({
    ...tableOperations,
    ...timeToLiveOperations,
    ...tagOperations,
    ...itemWrites,
    GetItem: getItem,
    Query: query,
    Scan: scan,
    BatchGetItem: batchGetItem,
    BatchWriteItem: batchWriteItem,
    TransactWriteItems: transactWriteItems,
    TransactGetItems: transactGetItems,
  }),
);

const ours = 'DynamoDB_20120810';

/** Never throws, and never rejects. */
export function answerTo(
  context: OperationContext,
  { target, body }: ServiceRequest,
): Answer | Promise<Answer> {
  try {
    const [service, name = ''] = target.split('.');
    const answered = perform(context, service === ours ? name : target, parsed(body));
    return typeof answered === 'string' ? { status: 200, body: answered } : answered.then(ok, failed);
  } catch (error) {
    return failed(error);
  }
}

const ok = (body: string): Answer => ({ status: 200, body });

/** The JSON of the answer. Throws `ApiError`, and what the store throws. */
export function perform(
  context: OperationContext,
  operation: string,
  input: unknown,
): string | Promise<string> {
  const found = operations.get(operation);
  if (found !== undefined) return found(context, input);
  throw new ApiError(
    'UnknownOperationException',
    `The local DynamoDB does not do the operation '${operation}'`,
  );
}

function parsed(body: string): unknown {
  if (isTooDeep(body)) throw notReadable(`The request is nested more than ${deepestNesting} levels deep`);
  try {
    return body === '' ? {} : JSON.parse(body);
  } catch {
    throw notReadable('The body of the request is not JSON');
  }
}

const ofCoral = new Set([
  'SerializationException',
  'UnknownOperationException',
  'ValidationException',
  'AccessDeniedException',
]);

function failed(error: unknown): Answer {
  if (!(error instanceof ApiError)) {
    console.error('The local DynamoDB failed:', error);
    return errorAnswer(500, 'InternalServerError', { message: 'The store failed; see its output' });
  }
  return errorAnswer(400, error.type, { message: error.message, ...error.details });
}

function errorAnswer(status: number, errorType: string, fields: { readonly message: string }): Answer {
  const namespace = ofCoral.has(errorType) ? 'com.amazon.coral.validate' : 'com.amazonaws.dynamodb.v20120810';
  return { status, errorType, body: JSON.stringify({ __type: `${namespace}#${errorType}`, ...fields }) };
}

/** A request that was refused before its operation was known. */
export const refused = (status: number, { type, message }: Refusal): Answer => ({
  status,
  errorType: type,
  body: JSON.stringify({ __type: `com.amazon.coral.service#${type}`, message }),
});
