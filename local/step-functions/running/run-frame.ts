/**
 * The loop of a frame: look at where it is, do the next thing, again. What to do is decided from the state of
 * the frame alone, so a frame that was read back from the journal goes on exactly where it was.
 */
import type { State } from '../asl/program.ts';
import { EvaluationFault } from '../jsonata/template.ts';
import { stateOf } from './apply.ts';
import { recordEvaluationFailure } from './evaluation-failure.ts';
import type { Failure, Frame } from './frame.ts';
import { recover } from './recover.ts';
import { type Run, sleepUntil } from './run.ts';
import { runMap } from './run-map.ts';
import { runParallel } from './run-parallel.ts';
import { runTask } from './run-task.ts';
import { runChoice, runFail, runPass, runWait } from './simple-states.ts';
import { StateFailure, Stopped } from './state-failure.ts';

function enter(run: Run, frame: Frame): void {
  const state = frame.scope.states.get(frame.next?.state ?? '');
  if (state === undefined) throw new Error(`There is no state '${frame.next?.state}'`);
  run.record(frame, { type: `${state.type}StateEntered` });
}

async function runState(run: Run, frame: Frame, state: State): Promise<void> {
  switch (state.type) {
    case 'Pass':
    case 'Succeed':
      return runPass(run, frame, state);
    case 'Choice':
      return runChoice(run, frame, state);
    case 'Wait':
      return runWait(run, frame, state);
    case 'Fail':
      return runFail(run, frame, state);
    case 'Task':
      return runTask(run, frame, state);
    case 'Parallel':
      return runParallel(run, frame, state, runFrame);
    case 'Map':
      return runMap(run, frame, state, runFrame);
  }
}

function failureFrom(run: Run, frame: Frame, thrown: unknown): Failure {
  const visit = frame.visit;
  if (thrown instanceof Stopped || visit === undefined) throw thrown;
  if (thrown instanceof EvaluationFault) return recordEvaluationFailure(run, frame, visit, thrown);
  if (thrown instanceof StateFailure)
    return { error: thrown.error, cause: thrown.cause, after: thrown.after };
  return { error: 'States.Runtime', cause: thrown instanceof Error ? thrown.message : String(thrown) };
}

async function attempt(run: Run, frame: Frame): Promise<Failure | undefined> {
  const state = stateOf(frame);
  try {
    if ('retriers' in state) await sleepUntil(run, frame, frame.visit?.resumeAt ?? 0);
    await runState(run, frame, state);
    return undefined;
  } catch (thrown) {
    return failureFrom(run, frame, thrown);
  }
}

async function recoverOrEnd(run: Run, frame: Frame, failure: Failure): Promise<void> {
  try {
    if (!(await recover(run, frame, failure))) frame.ending = { failure };
  } catch (thrown) {
    frame.ending = { failure: failureFrom(run, frame, thrown) };
  }
}

async function step(run: Run, frame: Frame): Promise<void> {
  if (frame.visit === undefined) enter(run, frame);
  const failure = frame.visit?.failure ?? (await attempt(run, frame));
  if (failure !== undefined) await recoverOrEnd(run, frame, failure);
}

/** Runs the frame to its ending; returns early, without one, when it is given up. */
async function runFrame(run: Run, frame: Frame): Promise<void> {
  try {
    while (frame.ending === undefined && !frame.cancelled) {
      await run.breathe();
      await step(run, frame);
    }
  } catch (thrown) {
    if (!(thrown instanceof Stopped)) throw thrown;
  }
}

/** Runs an execution from where it is to its end. */
export async function driveExecution(run: Run): Promise<void> {
  const { root } = run.execution;
  if (root === undefined) return;
  try {
    await runFrame(run, root);
  } catch (thrown) {
    run.close('ExecutionFailed', { error: 'States.Runtime', cause: String(thrown) });
  }
  const { ending } = root;
  if (ending === undefined) return;
  if ('failure' in ending) {
    const { error, cause } = ending.failure;
    run.close('ExecutionFailed', { error, cause });
  } else run.close('ExecutionSucceeded', { output: ending.output });
}
