/**
 * The call of a scheduled task, to its end: an answer, a callback, the end of an execution that it started, a
 * time-out or a missed heartbeat, whichever comes first. It is made only once everything before it is in the
 * journal, so nothing that somebody was told can be forgotten.
 */
import type { TaskState } from '../asl/program.ts';
import { performStart } from './child-execution.ts';
import type { Call, Frame } from './frame.ts';
import { performInvocation } from './invoke-function.ts';
import type { Run } from './run.ts';
import { Stopped } from './state-failure.ts';
import type { Outcome } from './wait-for-outcome.ts';

export interface Performed {
  readonly state: TaskState;
  readonly call: Call;
}

const kindOf = ({ target }: TaskState) => (target.service === 'function' ? 'LambdaFunction' : 'Task');

export async function performCall(run: Run, frame: Frame, { state, call }: Performed): Promise<void> {
  if (!call.started) run.record(frame, { type: `${kindOf(state)}Started`, resource: call.resource });
  await run.services.written().catch(() => {
    throw new Stopped();
  });
  if (frame.visit?.call !== call) return;
  const { callee } = call;
  const outcome =
    'machineArn' in callee
      ? await performStart(run, frame, { state, call, callee })
      : await performInvocation(run, frame, { state, call, callee });
  recordOutcome(run, frame, { state, call, outcome });
}

function recordOutcome(
  run: Run,
  frame: Frame,
  { state, call: { resource }, outcome }: Performed & { outcome: Outcome },
): void {
  const kind = kindOf(state);
  if (outcome === 'recorded') return;
  if (outcome === 'timed out')
    run.record(frame, { type: `${kind}TimedOut`, error: 'States.Timeout', resource });
  else if (outcome === 'heartbeat missed')
    run.record(frame, { type: 'TaskTimedOut', error: 'States.HeartbeatTimeout', resource });
  else if ('value' in outcome)
    run.record(frame, { type: `${kind}Succeeded`, output: outcome.value, resource });
  else run.record(frame, { type: `${kind}Failed`, ...outcome, resource });
}
