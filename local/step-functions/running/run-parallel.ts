/** Parallel: all branches at once on the same input; the first failure gives up the others. */
import type { ParallelState } from '../asl/program.ts';
import { evaluateTemplate } from '../jsonata/template.ts';
import { bindingsOf } from './bindings.ts';
import { abortFailedTask, abortFrame, failureOf, outputOf, type RunFrame } from './children.ts';
import type { Failure, Frame, Visit } from './frame.ts';
import { leaveState } from './leave-state.ts';
import type { Run } from './run.ts';
import { dataLimitExceeded, isTooLarge, StateFailure, Stopped } from './state-failure.ts';

async function start(run: Run, frame: Frame, state: ParallelState): Promise<void> {
  const bindings = bindingsOf(run.execution, frame);
  const input =
    state.arguments === undefined ? frame.visit?.input : await evaluateTemplate(state.arguments, bindings);
  if (isTooLarge(input)) throw dataLimitExceeded(state.name);
  run.record(frame, { type: 'ParallelStateStarted', input });
}

/** Resolves with the first failure, once no branch runs any more. */
async function runBranches(
  run: Run,
  branches: readonly Frame[],
  runFrame: RunFrame,
): Promise<Failure | undefined> {
  let failure: Failure | undefined;
  const runBranch = async (branch: Frame): Promise<void> => {
    await runFrame(run, branch);
    const failed = failureOf(branch);
    if (failed === undefined || failure !== undefined) return;
    const after = branch.lastEventId;
    failure = { ...failed, after };
    abortFailedTask(run, branch, after);
    for (const sibling of branches) if (sibling !== branch) abortFrame(run, sibling, after);
  };
  await Promise.all(branches.map(runBranch));
  return failure;
}

const isFrame = (frame: Frame | undefined): frame is Frame => frame !== undefined;

async function branchesOf(
  run: Run,
  frame: Frame,
  visit: Visit,
  state: ParallelState,
): Promise<readonly Frame[]> {
  if (visit.children.length === 0) await start(run, frame, state);
  return visit.children.filter(isFrame);
}

export async function runParallel(
  run: Run,
  frame: Frame,
  state: ParallelState,
  runFrame: RunFrame,
): Promise<void> {
  const visit = frame.visit;
  if (visit === undefined) return;
  const branches = await branchesOf(run, frame, visit, state);
  if (!visit.joined) {
    const failure = await runBranches(run, branches, runFrame);
    if (frame.cancelled) throw new Stopped();
    if (failure !== undefined) throw new StateFailure(failure.error, failure.cause, failure.after);
    const after = Math.max(...branches.map(({ lastEventId }) => lastEventId));
    run.record(frame, { type: 'ParallelStateSucceeded', after });
  }
  const result = branches.map(outputOf);
  await leaveState(run, frame, { exit: state, output: result, states: { result } });
}
