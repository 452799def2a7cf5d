/** The first half of an approval: what is asked is recorded, and the state machine waits. */
import { OrchestratorError, toOrchestratorError } from '../base/errors.ts';
import { beginWaiting, failWaiting, refuseIfClosing, type WaitingStep } from './begin-waiting.ts';
import type { ExecutionContext } from './context.ts';
import type { ApprovalTask } from './model/step-task.ts';
import { resolveTemplate } from './resolve-task.ts';
import { type Waiting, waiting } from './step-callback.ts';

/** What people are shown, and what is kept in the record of the step. */
const maxAskedBytes = 64_000;

/** Throws, after recording it, `step.expression-failed` when what is asked cannot be evaluated or is too large. */
export async function awaitApproval(context: ExecutionContext, task: ApprovalTask): Promise<Waiting> {
  const begun = await beginWaiting(context, task);
  if (!begun) return waiting;
  try {
    await ask(context, task, begun);
  } catch (thrown) {
    await failWaiting(context, begun, toOrchestratorError(thrown));
  }
  return waiting;
}

async function ask(
  context: ExecutionContext,
  task: ApprovalTask,
  { execution, record }: WaitingStep,
): Promise<void> {
  const approval = await askedOf(context, task, execution.input);
  const asking = { ...record, approval, workflow: execution.workflow };
  const expiresAtEpochSeconds = execution.recordsExpireAtEpochSeconds;
  await context.steps.await({ record: asking, expiresAtEpochSeconds });
  await refuseIfClosing(context, execution, asking);
}

async function askedOf(context: ExecutionContext, task: ApprovalTask, input: unknown): Promise<object> {
  const { executionId, approval, deferred } = task;
  const template = { approval };
  const resolved = await resolveTemplate({ ...context, input }, { executionId, template, deferred });
  const bytes = Buffer.byteLength(JSON.stringify(resolved));
  if (bytes > maxAskedBytes) throw tooLarge(bytes);
  const { message, details } = Object(Object(resolved).approval);
  return { ...(message !== undefined && { message }), ...(details !== undefined && { details }) };
}

const tooLarge = (bytes: number): OrchestratorError =>
  new OrchestratorError(
    'step.expression-failed',
    `what the approval shows has ${bytes} bytes and may have ${maxAskedBytes}; show the parts that matter`,
  );
