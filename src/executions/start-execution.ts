/**
 * Starting an execution. The record is written before StartExecution and under the same name, so a crash
 * between the two loses nothing: whoever sees the record starts the same name again, and Step Functions
 * starts a name once (AWS: StartExecution is idempotent by name).
 */
import { executionArnOf } from '../aws/model/arns.ts';
import { canonicalJson } from '../base/canonical-json.ts';
import { isoNow } from '../base/clock.ts';
import { OrchestratorError } from '../base/errors.ts';
import { type TraceContext, traceHeaders } from '../base/trace.ts';
import type { WorkflowHead } from '../workflows/model/workflow-records.ts';
import type { ExecutionContext } from './context.ts';
import { executionExpiry, recordsExpiry } from './expiry.ts';
import { type Execution, isClosed, type Parent } from './model/execution.ts';
import { tellTry } from './model/execution-trace.ts';

export interface StartRequest {
  readonly workflow: WorkflowHead;
  readonly input: unknown;
  readonly labels: Record<string, string>;
  readonly caller: string;
  readonly idempotencyKey: string | undefined;
  /** What the start is a part of. */
  readonly trace?: TraceContext | undefined;
  /** The ended execution that this one repeats. */
  readonly rerunOf?: string;
  /** For an execution that a step starts: its id, the step, and how many executions are above it. */
  readonly nested?: { readonly id: string; readonly parent: Parent; readonly depth: number };
}

/** The input travels with the state machine and in the record; both have limits near 256 KiB. */
const maxInputBytes = 200_000;

/**
 * Starts an execution, or gives the one that the same key and request started before.
 * Throws `idempotency.conflict` when the key came with another request, `request.too-large` over 200 KB.
 */
export async function startExecution(context: ExecutionContext, request: StartRequest): Promise<Execution> {
  const execution = newExecution(context, request);
  const expiry = recordsExpiry(context, request.workflow.timeoutSeconds);
  const created = await context.executions.create({ ...execution, recordsExpireAtEpochSeconds: expiry });
  if (created) {
    context.workflowMeter?.started(execution.workflow);
    logStart(context, execution);
    return begin(context, execution);
  }
  const earlier = await context.executions.get(execution.id);
  if (!earlier || earlier.requestHash !== execution.requestHash) {
    throw new OrchestratorError(
      'idempotency.conflict',
      'This idempotency key started another request; use a new key, or repeat the same request',
    );
  }
  return isClosed(earlier) || earlier.closingAt !== undefined ? earlier : begin(context, earlier);
}

function logStart(context: ExecutionContext, execution: Execution): void {
  const { id: workflowId, workflow, version, caller, parent, rerunOf, input } = execution;
  const about = { workflowId, workflow, version, caller, parent: parent?.executionId, rerunOf };
  context.log.info('execution started', about);
  context.logPayloads?.({ workflow }, context.log, { workflowId, of: 'execution', payload: { input } });
}

function newExecution(context: ExecutionContext, request: StartRequest): Execution {
  const { workflow, input, labels, caller, idempotencyKey, trace, rerunOf, nested } = request;
  const wanted = canonicalJson({ workflow: workflow.name, input, labels, rerunOf });
  const bytes = new TextEncoder().encode(wanted).length;
  if (bytes > maxInputBytes)
    throw new OrchestratorError(
      'request.too-large',
      `The input has ${bytes} bytes with its labels, and may have ${maxInputBytes}: keep what is large elsewhere and pass on where it is`,
    );
  const id = nested?.id ?? idOf(context, caller, idempotencyKey);
  return {
    id,
    workflow: workflow.name,
    version: workflow.version,
    machineArn: workflow.machineArn,
    executionArn: executionArnOf(workflow.machineArn, id),
    stored: 'STARTING',
    input,
    requestHash: context.hash(wanted),
    keyed: idempotencyKey !== undefined,
    caller,
    labels,
    compensates: workflow.compensates,
    awaits: workflow.awaits,
    ...(nested && { parent: nested.parent }),
    depth: nested?.depth ?? 0,
    ...(rerunOf !== undefined && { rerunOf }),
    ...traceHeaders(trace),
    startedAt: isoNow(context.clock),
    redriveCount: 0,
  };
}

/** The same key of the same caller gives the same id. */
const idOf = (context: ExecutionContext, caller: string, idempotencyKey: string | undefined): string =>
  idempotencyKey === undefined
    ? context.newId()
    : context.hash(canonicalJson([caller, idempotencyKey])).slice(0, 32);

/** Throttling and server faults pass: the record stays, and the sweeper starts it. Other refusals are final. */
const isFinal = (error: unknown): boolean =>
  error instanceof Error &&
  '$fault' in error &&
  error.$fault === 'client' &&
  !/Throttl|TooManyRequests|LimitExceeded|StateMachineDoesNotExist/.test(error.name);

/** Starts a recorded execution under its own name; safe to repeat. */
export async function begin(context: ExecutionContext, execution: Execution): Promise<Execution> {
  try {
    await context.stepFunctions.start(execution.machineArn, execution.id, execution.input);
    return execution;
  } catch (error) {
    const name = error instanceof Error ? error.name : 'unknown';
    context.log.warn('execution not started yet', { workflowId: execution.id, error: name });
    return isFinal(error) ? refuse(context, execution, name) : execution;
  }
}

async function refuse(context: ExecutionContext, execution: Execution, reason: string): Promise<Execution> {
  const closed = {
    closedAt: isoNow(context.clock),
    error: { code: 'execution.start-failed', message: `Step Functions refused to start it: ${reason}` },
  };
  const { workflow, startedAt } = execution;
  const ended = await context.executions.markClosed(execution, {
    status: 'FAILED',
    ...closed,
    expiresAtEpochSeconds: executionExpiry(context, execution),
  });
  const ms = Date.parse(closed.closedAt) - Date.parse(startedAt);
  if (ended) {
    context.workflowMeter?.ended(workflow, { status: 'FAILED', ms });
    const { code } = closed.error;
    context.log.warn('execution ended', { workflowId: execution.id, workflow, status: 'FAILED', code });
    tellTry(context, execution, { status: 'FAILED', ...closed });
  }
  return { ...execution, ...closed, stored: 'FAILED' };
}
