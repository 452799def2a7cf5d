/**
 * `states:startExecution`: starts an execution of another machine, and with `.sync:2` waits for its end. A
 * start that was repeated after a crash finds the execution that it had started. An execution that is waited
 * for is stopped when the waiting is given up. (AWS: Start a new execution from a running execution.)
 */
import type { TaskState } from '../asl/program.ts';
import { Execution } from './execution.ts';
import type { Call, Callee, Failure, Frame } from './frame.ts';
import type { Run } from './run.ts';
import { dataLimitExceeded, isTooLarge } from './state-failure.ts';
import { type Outcome, waitForOutcome } from './wait-for-outcome.ts';

interface Start {
  readonly state: TaskState;
  readonly call: Call;
  readonly callee: Extract<Callee, { machineArn: string }>;
}

export async function performStart(run: Run, frame: Frame, start: Start): Promise<Outcome> {
  const { state, call } = start;
  const child = childOf(run, frame, start);
  if (!(child instanceof Execution)) return child;
  const { pattern } = state.target;
  if (pattern === 'request-response') return { value: startedAnswer(child) };
  if (!call.submitted) {
    const submitted = { output: startedAnswer(child), childArn: child.start.arn, resource: call.resource };
    run.record(frame, { type: 'TaskSubmitted', ...submitted });
  }
  return pattern === 'sync:2' ? endOf(run, frame, call, child) : callback(run, frame, call);
}

type Found = Execution | Failure;

function childOf(run: Run, frame: Frame, { call, callee }: Start): Found {
  const { children } = run.services;
  const known = call.childArn === undefined ? undefined : children.get(call.childArn);
  if (known !== undefined) return known;
  const task = `${run.execution.start.number}${frame.id}#${frame.visit?.enteredEventId}`;
  return children.start({ ...callee, startedBy: `${task}@${call.scheduledAt}` });
}

const startedAnswer = ({ start }: Execution): object => ({
  ExecutionArn: start.arn,
  StartDate: start.startDate,
});

const callback = (run: Run, frame: Frame, call: Call): Promise<Outcome> =>
  waitForOutcome(run, frame, { call, from: call.scheduledAt }, () => () => undefined);

async function endOf(run: Run, frame: Frame, call: Call, child: Execution): Promise<Outcome> {
  if (child.root === undefined) return outcomeOf(child);
  const { children } = run.services;
  return waitForOutcome(run, frame, { call, from: call.scheduledAt }, (settle) => {
    const deaf = children.onClosed(child, () => settle(outcomeOf(child)));
    return () => {
      deaf();
      children.stop(child);
    };
  });
}

const included = { Included: true };

function described(child: Execution): Record<string, unknown> {
  const { start, status, outputText, error, cause } = child;
  return {
    ExecutionArn: start.arn,
    Input: JSON.parse(start.inputText),
    InputDetails: included,
    Name: start.name,
    ...(outputText !== undefined && { Output: JSON.parse(outputText), OutputDetails: included }),
    ...(error !== undefined && { Error: error }),
    ...(cause !== undefined && { Cause: cause }),
    StartDate: start.startDate,
    StateMachineArn: start.machineArn,
    Status: status,
    StopDate: child.stopDate,
  };
}

/** Whatever the child ended with, the task fails with `States.TaskFailed` and tells of it in its cause. */
function outcomeOf(child: Execution): Outcome {
  const value = described(child);
  if (child.status !== 'SUCCEEDED') return { error: 'States.TaskFailed', cause: JSON.stringify(value) };
  if (!isTooLarge(value)) return { value };
  const { error, cause } = dataLimitExceeded('states');
  return { error, cause };
}
