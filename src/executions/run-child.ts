/**
 * A step that runs another workflow: starts it as an execution of its own, whose end is the step's result. The
 * child's id follows from the step, so a repeated attempt finds the execution that it had started. After a
 * retry of the parent the child is retried too, or, where that cannot be, started anew.
 */
import { canonicalJson } from '../base/canonical-json.ts';
import { OrchestratorError, toOrchestratorError } from '../base/errors.ts';
import { checkedWorkflow } from '../workflows/checked-workflow.ts';
import { beginWaiting, failWaiting, refuseIfClosing, type WaitingStep } from './begin-waiting.ts';
import { beginCancel } from './close-execution.ts';
import type { ExecutionContext } from './context.ts';
import { type Execution, isClosed } from './model/execution.ts';
import { traceOf } from './model/execution-trace.ts';
import { occurrenceOf, type WorkflowTask } from './model/step-task.ts';
import { notifyParent } from './notify-parent.ts';
import { resolveTemplate } from './resolve-task.ts';
import { retryExecution } from './retry-execution.ts';
import { startExecution } from './start-execution.ts';
import { type Waiting, waiting } from './step-callback.ts';

/** A workflow that runs itself without end is stopped here. */
const deepest = 10;

/** Throws, after recording it, an `OrchestratorError` when the other workflow cannot be started. */
export async function runChild(context: ExecutionContext, task: WorkflowTask): Promise<Waiting> {
  const begun = await beginWaiting(context, task);
  if (!begun) return waiting;
  try {
    const child = await childOf(context, task, begun);
    if (isClosed(child)) await notifyParent(context, child);
    else await endIfClosing(context, begun, child);
  } catch (thrown) {
    await failWaiting(context, begun, toOrchestratorError(thrown));
  }
  return waiting;
}

async function childOf(
  context: ExecutionContext,
  task: WorkflowTask,
  begun: WaitingStep,
): Promise<Execution> {
  const { execution, earlier } = begun;
  const id = context
    .hash(canonicalJson([execution.id, occurrenceOf(task), execution.redriveCount]))
    .slice(0, 32);
  const before = earlier?.child === undefined || earlier.child === id ? undefined : earlier.child;
  const retried = before === undefined ? undefined : await goOnWith(context, begun, before);
  if (retried) return retried;
  await waitFor(context, begun, id);
  return startChild(context, task, { begun, id });
}

const waitFor = (context: ExecutionContext, { execution, record }: WaitingStep, child: string) =>
  context.steps.await({
    record: { ...record, child },
    expiresAtEpochSeconds: execution.recordsExpireAtEpochSeconds,
  });

const cannotGoOn: readonly string[] = ['workflow.compensated', 'execution.not-retryable'];

/** The child of the try before, going on or done; undefined when it cannot go on. */
async function goOnWith(
  context: ExecutionContext,
  begun: WaitingStep,
  id: string,
): Promise<Execution | undefined> {
  const child = await context.executions.get(id);
  if (!child) return undefined;
  await waitFor(context, begun, id);
  if (!isClosed(child) || child.stored === 'SUCCEEDED') return child;
  try {
    return await retryExecution(context, id);
  } catch (error) {
    if (error instanceof OrchestratorError && cannotGoOn.includes(error.code)) return undefined;
    throw error;
  }
}

async function startChild(
  context: ExecutionContext,
  task: WorkflowTask,
  { begun: { execution }, id }: { begun: WaitingStep; id: string },
): Promise<Execution> {
  if (execution.depth + 1 > deepest) throw tooDeep();
  const input = await inputOf(context, task, execution.input);
  return startExecution(context, {
    workflow: await checkedWorkflow(context, task.workflow.name, input),
    input,
    labels: execution.labels,
    caller: execution.caller,
    idempotencyKey: undefined,
    trace: traceOf(context, execution),
    nested: {
      id,
      depth: execution.depth + 1,
      parent: {
        executionId: execution.id,
        occurrence: occurrenceOf(task),
        ...(task.inlineBytes !== undefined && { inlineBytes: task.inlineBytes }),
      },
    },
  });
}

async function inputOf(context: ExecutionContext, task: WorkflowTask, input: unknown): Promise<unknown> {
  const { executionId, workflow, deferred } = task;
  const template = { workflow };
  const resolved = await resolveTemplate({ ...context, input }, { executionId, template, deferred });
  return Object(Object(resolved).workflow).input;
}

/** A cancel that did not see the child yet is seen here. */
async function endIfClosing(context: ExecutionContext, begun: WaitingStep, child: Execution): Promise<void> {
  try {
    await refuseIfClosing(context, begun.execution, { ...begun.record, child: child.id });
  } catch (error) {
    if (error instanceof OrchestratorError && error.code === 'execution.cancelled')
      await beginCancel(context, child.id, `${begun.execution.id}, whose step it is, is ending`);
    throw error;
  }
}

const tooDeep = (): OrchestratorError =>
  new OrchestratorError(
    'workflow.nested-too-deep',
    `Workflows may run workflows ${deepest} deep; does this one run itself?`,
  );
