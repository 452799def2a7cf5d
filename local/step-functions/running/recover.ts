/**
 * What happens to a failed state: a retrier tries it again, else a catcher goes on elsewhere, else the frame
 * ends with the failure. Which names match follows the ASL specification and the AWS documentation.
 */
import type { Catcher, State } from '../asl/program.ts';
import type { AslRetrier } from '../asl/schema.ts';
import { stateOf } from './apply.ts';
import type { Failure, Frame, Visit } from './frame.ts';
import { leaveState } from './leave-state.ts';
import type { Run } from './run.ts';

/** Errors that no wildcard matches. */
const terminal = new Set(['States.DataLimitExceeded', 'States.Runtime']);

function nameMatches(name: string, error: string): boolean {
  if (error === 'States.Runtime') return false;
  if (name === error) return true;
  if (terminal.has(error)) return false;
  if (name === 'States.ALL') return true;
  if (name === 'States.TaskFailed') return error !== 'States.Timeout';
  return name === 'States.Timeout' && error === 'States.HeartbeatTimeout';
}

export const errorMatches = (names: readonly string[], error: string | undefined): boolean =>
  names.some((name) => nameMatches(name, error ?? ''));

/** The one that decides about the error, by its place in the list; -1 without one. */
export const retrierFor = (retriers: readonly AslRetrier[], error: string | undefined): number =>
  retriers.findIndex((retrier) => errorMatches(retrier.ErrorEquals, error));

/** Milliseconds before try number `tries + 1`; `fraction` is random in [0, 1) and used for full jitter. */
export function retryDelay(retrier: AslRetrier, tries: number, fraction: number): number {
  const seconds = Math.min(
    retrier.IntervalSeconds * retrier.BackoffRate ** tries,
    retrier.MaxDelaySeconds ?? Number.MAX_SAFE_INTEGER / 1000,
  );
  return Math.floor(seconds * 1000 * (retrier.JitterStrategy === 'FULL' ? fraction : 1));
}

/** The first retrier that names the error decides alone, even when it has no tries left (ASL). */
function retryOf(
  state: State,
  visit: Visit,
  failure: Failure,
): { retrier: number; until: number } | undefined {
  if (!('retriers' in state)) return undefined;
  const index = retrierFor(state.retriers, failure.error);
  const retrier = state.retriers[index];
  const tries = visit.retries[index] ?? 0;
  if (retrier === undefined || tries >= retrier.MaxAttempts) return undefined;
  return { retrier: index, until: Date.now() + retryDelay(retrier, tries, Math.random()) };
}

function catcherOf(state: State, failure: Failure): Catcher | undefined {
  if (!('catchers' in state)) return undefined;
  return state.catchers.find((catcher) => errorMatches(catcher.errors, failure.error));
}

/** Told only once no retry follows: until then the branches or iterations begin again. */
function sayFailed(run: Run, frame: Frame, { error, cause, after }: Failure): void {
  const { type } = stateOf(frame);
  const { visit } = frame;
  if ((type !== 'Parallel' && type !== 'Map') || visit === undefined || visit.joined || visit.saidFailed)
    return;
  run.record(frame, { type: `${type}StateFailed`, error, cause, after });
}

export const errorOutputOf = ({ error, cause }: Failure): Record<string, string> => ({
  ...(error !== undefined && { Error: error }),
  ...(cause !== undefined && { Cause: cause }),
});

/** Tells whether the failure was taken care of; rejects as `leaveState` does when a catcher itself fails. */
export async function recover(run: Run, frame: Frame, failure: Failure): Promise<boolean> {
  const state = stateOf(frame);
  const retry = frame.visit && retryOf(state, frame.visit, failure);
  if (retry !== undefined) {
    run.record(frame, { type: 'Retry', ...retry, after: failure.after });
    return true;
  }
  sayFailed(run, frame, failure);
  const catcher = catcherOf(state, failure);
  if (catcher === undefined) return false;
  const errorOutput = errorOutputOf(failure);
  await leaveState(run, frame, { exit: catcher, output: errorOutput, states: { errorOutput } });
  return true;
}
