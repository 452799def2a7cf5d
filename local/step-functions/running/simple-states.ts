/** Pass, Succeed, Choice, Wait and Fail. */
import type { ChoiceState, FailState, PassState, SucceedState, WaitState } from '../asl/program.ts';
import { isTimestamp, largest } from '../asl/schema.ts';
import type { Bindings } from '../jsonata/expression.ts';
import {
  EvaluationFault,
  evaluateInteger,
  evaluateTemplate,
  type Template,
  unexpectedType,
} from '../jsonata/template.ts';
import { bindingsOf } from './bindings.ts';
import type { Frame } from './frame.ts';
import { leaveState } from './leave-state.ts';
import { type Run, sleepUntil } from './run.ts';
import { StateFailure } from './state-failure.ts';

export const runPass = (run: Run, frame: Frame, state: PassState | SucceedState): Promise<void> =>
  leaveState(run, frame, { exit: state, output: frame.visit?.input });

export async function holds(condition: Template, bindings: Bindings): Promise<boolean> {
  const value = await evaluateTemplate(condition, bindings);
  if (typeof value !== 'boolean') throw unexpectedType(condition, 'boolean', value);
  return value;
}

/** The first rule that holds, else the default; neither is `States.NoChoiceMatched`. */
export async function runChoice(run: Run, frame: Frame, state: ChoiceState): Promise<void> {
  const bindings = bindingsOf(run.execution, frame);
  let exit = state.otherwise;
  for (const rule of state.rules) {
    if (!(await holds(rule.condition, bindings))) continue;
    exit = rule;
    break;
  }
  if (exit === undefined) throw noChoiceMatched(state, frame);
  await leaveState(run, frame, { exit, output: frame.visit?.input });
}

function noChoiceMatched(state: ChoiceState, frame: Frame): StateFailure {
  const where = `'${state.name}' (entered at the event id #${frame.visit?.enteredEventId})`;
  const why = 'Failed to transition out of the state. The state does not point to a next state.';
  return new StateFailure(
    'States.NoChoiceMatched',
    `An error occurred while executing the state ${where}. ${why}`,
  );
}

export async function endOfWait(state: WaitState, bindings: Bindings): Promise<number> {
  const { kind, template } = state.until;
  if (kind === 'seconds')
    return Date.now() + (await evaluateInteger(template, { min: 0, max: largest }, bindings)) * 1000;
  const value = await evaluateTemplate(template, bindings);
  if (typeof value !== 'string') throw unexpectedType(template, 'string', value);
  if (!isTimestamp(value)) {
    const format = 'an ISO-8601 extended offset date-time format string';
    const message = `The Timestamp field cannot be parsed as ${format}: ${value}`;
    throw new EvaluationFault(message, 'Timestamp', { byState: true });
  }
  return Date.parse(value);
}

/** The moment it ends is decided once and kept: a wait that outlives the process ends when it would have. */
export async function runWait(run: Run, frame: Frame, state: WaitState): Promise<void> {
  let until = frame.visit?.resumeAt;
  if (until === undefined) {
    until = await endOfWait(state, bindingsOf(run.execution, frame));
    if (until > Date.now()) run.record(frame, { type: 'WaitUntil', until });
  }
  await sleepUntil(run, frame, until);
  await leaveState(run, frame, { exit: state, output: frame.visit?.input });
}

export async function text(template: Template | undefined, bindings: Bindings): Promise<string | undefined> {
  if (template === undefined) return undefined;
  const value = await evaluateTemplate(template, bindings);
  if (typeof value !== 'string') throw unexpectedType(template, 'string', value);
  return value;
}

export async function runFail(run: Run, frame: Frame, state: FailState): Promise<void> {
  const bindings = bindingsOf(run.execution, frame);
  throw new StateFailure(await text(state.error, bindings), await text(state.cause, bindings));
}
