/** Writes down that a step waited for longer than it may, in the words of the definition. */
import type { ExecutionContext } from './context.ts';
import type { Execution, StepRecord } from './model/execution.ts';

type Context = Pick<ExecutionContext, 'steps' | 'workflows'>;

/** Gives the step as it has ended. Safe to repeat: a step that has ended, or waits anew, stays as it is. */
export async function endOverdue(
  { steps, workflows }: Context,
  { workflow, version }: Pick<Execution, 'workflow' | 'version'>,
  step: StepRecord,
): Promise<StepRecord> {
  const [found, { timedOutBeside }] = await Promise.all([
    workflows.version(workflow, version),
    import('./model/timed-out-step.ts'),
  ]);
  const { record, attempt } = timedOutBeside(found?.definition, step);
  await steps.timeOut(step, { record, attempt });
  return record;
}
