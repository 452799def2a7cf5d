/** Leaving a state: its Assign and Output are evaluated with the variables as they were, then it is exited. */
import type { Exit } from '../asl/program.ts';
import { evaluateTemplate } from '../jsonata/template.ts';
import { stateOf } from './apply.ts';
import { bindingsOf } from './bindings.ts';
import { type Frame, growthBy, sizesOf } from './frame.ts';
import type { Run } from './run.ts';
import { dataLimitExceeded, isTooLarge, StateFailure } from './state-failure.ts';

export interface Leaving {
  readonly exit: Exit;
  /** The output where the exit has no Output of its own. */
  readonly output: unknown;
  /** What `$states` offers besides input and context. */
  readonly states?: { readonly result?: unknown; readonly errorOutput?: unknown };
}

async function assignedBy(exit: Exit, bindings: Parameters<typeof evaluateTemplate>[1]) {
  if (exit.assign === undefined) return undefined;
  const assigned = await evaluateTemplate(exit.assign, bindings);
  return typeof assigned === 'object' && assigned !== null ? { ...assigned } : undefined;
}

/** Bytes of the variables that an execution may hold at a time. */
const mostVariables = 10 << 20;

/** The limit of a value is that of all that one Assign assigns, too. (AWS: quotas of variables.) */
function checkVariables(frame: Frame, assigned: Record<string, unknown>, name: string): void {
  if (isTooLarge(assigned)) throw dataLimitExceeded(name);
  const held = frame.held.bytes + growthBy(frame, sizesOf(assigned));
  if (held <= mostVariables) return;
  const cause = `The state '${name}' would make the variables of the execution larger than ${mostVariables} bytes: ${held}.`;
  throw new StateFailure('States.DataLimitExceeded', cause);
}

/** Rejects with `EvaluationFault`, or with `StateFailure` when a value is too large. */
export async function leaveState(run: Run, frame: Frame, leaving: Leaving): Promise<void> {
  const { exit } = leaving;
  const state = stateOf(frame);
  let { output } = leaving;
  let assigned: Record<string, unknown> | undefined;
  if (exit.assign !== undefined || exit.output !== undefined) {
    const bindings = bindingsOf(run.execution, frame, leaving.states);
    assigned = await assignedBy(exit, bindings);
    if (exit.output !== undefined) output = await evaluateTemplate(exit.output, bindings);
  }
  if (output !== frame.visit?.input && isTooLarge(output)) throw dataLimitExceeded(state.name);
  if (assigned !== undefined) checkVariables(frame, assigned, state.name);
  run.record(frame, { type: `${state.type}StateExited`, output, assigned, next: exit.next });
}
