/**
 * What one state does with an input, for TestState: its expressions are evaluated, and what it would call or run
 * inside gives what a mock says. Nothing is called, nothing waits, nothing is recorded.
 */
import type { Exit, MapState, State } from '../asl/program.ts';
import type { Bindings } from '../jsonata/expression.ts';
import { EvaluationFault, evaluateTemplate } from '../jsonata/template.ts';
import type { Failure } from './frame.ts';
import { errorMatches, errorOutputOf, retrierFor, retryDelay } from './recover.ts';
import { countOf, itemsOf, percentageOf, toleranceExceeded, toleratedFailures } from './run-map.ts';
import { endOfWait, holds, text } from './simple-states.ts';
import { dataLimitExceeded, isTooLarge, StateFailure } from './state-failure.ts';

export interface Tested {
  readonly state: State;
  readonly input: unknown;
  readonly context: unknown;
  readonly variables: Readonly<Record<string, unknown>>;
  readonly mock: { readonly result: unknown } | Failure | undefined;
  /** Tries that the retrier has made. */
  readonly retries: number;
  readonly failedIterations: number | undefined;
  /** What a Map's reader gives; undefined: its Items count. */
  readonly readItems: readonly unknown[] | undefined;
}

export interface Verdict {
  readonly status: 'SUCCEEDED' | 'FAILED' | 'RETRIABLE' | 'CAUGHT_ERROR';
  readonly output?: unknown;
  readonly next?: string | undefined;
  readonly failure?: Failure;
  /** What was seen on the way, by the names of the API, as values. */
  readonly seen: Readonly<Record<string, unknown>>;
}

/** A test that cannot be made as it is asked for. */
export class UntestableError extends Error {}

type Seen = Record<string, unknown>;

export async function testState(tested: Tested): Promise<Verdict> {
  const seen: Seen = { input: tested.input };
  if (Object.keys(tested.variables).length > 0) seen['variables'] = tested.variables;
  try {
    const { exit, output, result } = await outcomeOf(tested, seen);
    return await leave(tested, seen, { exit, output, ...result });
  } catch (thrown) {
    return recovered(tested, seen, failureFrom(tested.state, thrown));
  }
}

function bindingsOf({ variables, input, context }: Tested, more: object = {}): Bindings {
  return { ...variables, states: { input, context, ...more } };
}

interface Outcome {
  readonly exit: Exit;
  readonly output: unknown;
  readonly result?: { readonly result: unknown };
}

async function outcomeOf(tested: Tested, seen: Seen): Promise<Outcome> {
  const { state, input } = tested;
  const bindings = bindingsOf(tested);
  switch (state.type) {
    case 'Wait':
      await endOfWait(state, bindings);
      return { exit: state, output: input };
    case 'Pass':
    case 'Succeed':
      return { exit: state, output: input };
    case 'Fail':
      throw new StateFailure(await text(state.error, bindings), await text(state.cause, bindings));
    case 'Choice': {
      for (const rule of state.rules)
        if (await holds(rule.condition, bindings)) return { exit: rule, output: input };
      if (state.otherwise !== undefined) return { exit: state.otherwise, output: input };
      throw new StateFailure('States.NoChoiceMatched', 'The state does not point to a next state.');
    }
    case 'Task':
      if (state.arguments !== undefined)
        seen['afterArguments'] = await evaluateTemplate(state.arguments, bindings);
      return mocked(tested, state);
    case 'Parallel':
      if (state.arguments !== undefined) await evaluateTemplate(state.arguments, bindings);
      return mocked(tested, state);
    case 'Map':
      await lookAtMap(tested, state, seen);
      return mocked(tested, state);
  }
}

function mocked({ mock }: Tested, exit: Exit): Outcome {
  if (mock === undefined) throw new UntestableError('There is no mock');
  if (!('result' in mock)) throw new StateFailure(mock.error, mock.cause);
  return { exit, output: mock.result, result: { result: mock.result } };
}

async function lookAtMap(tested: Tested, state: MapState, seen: Seen): Promise<void> {
  const bindings = bindingsOf(tested);
  const items = tested.readItems ?? (await itemsOf(state, tested, bindings));
  seen['maxConcurrency'] = (await countOf(state.maxConcurrency, bindings)) ?? 0;
  const count = await countOf(state.toleratedFailureCount, bindings);
  const percentage = await percentageOf(state.toleratedFailurePercentage, bindings);
  if (count !== undefined) seen['toleratedFailureCount'] = count;
  if (percentage !== undefined) seen['toleratedFailurePercentage'] = percentage;
  const { failedIterations = 0, mock } = tested;
  if (failedIterations > items.length)
    throw new UntestableError(
      'Map iteration failure count must be less than or equal to the number of Map iterations',
    );
  const tolerated = await toleratedFailures(state, items.length, bindings);
  const fails = mock !== undefined && 'result' in mock && tolerated !== undefined;
  if (fails && failedIterations > tolerated) throw toleranceExceeded(undefined);
}

interface Left {
  readonly exit: Exit;
  readonly output: unknown;
  readonly result?: unknown;
  readonly errorOutput?: unknown;
}

async function leave(tested: Tested, seen: Seen, { exit, output: plain, ...states }: Left): Promise<Verdict> {
  const bindings = bindingsOf(tested, states);
  const assigned = exit.assign && (await evaluateTemplate(exit.assign, bindings));
  const output = exit.output === undefined ? plain : await evaluateTemplate(exit.output, bindings);
  if (isTooLarge(output) || isTooLarge(assigned ?? {})) throw dataLimitExceeded(tested.state.name);
  if (assigned !== undefined) seen['variables'] = { ...tested.variables, ...Object(assigned) };
  return { status: 'SUCCEEDED', output, next: exit.next, seen };
}

function failureFrom({ name }: State, thrown: unknown): Failure {
  if (thrown instanceof StateFailure) return { error: thrown.error, cause: thrown.cause };
  if (!(thrown instanceof EvaluationFault)) throw thrown;
  const cause = `An error occurred while executing the state '${name}'. ${thrown.message}`;
  return { error: 'States.QueryEvaluationError', cause };
}

async function recovered(tested: Tested, seen: Seen, failure: Failure): Promise<Verdict> {
  const { state, retries } = tested;
  if (!('retriers' in state)) return { status: 'FAILED', failure, seen };
  const details: Seen = {};
  const index = retrierFor(state.retriers, failure.error);
  const retrier = state.retriers[index];
  if (retrier !== undefined) details['retryIndex'] = index;
  if (retrier !== undefined && retries < retrier.MaxAttempts) {
    details['retryBackoffIntervalSeconds'] = Math.round(retryDelay(retrier, retries, 1) / 1000);
    return { status: 'RETRIABLE', failure, seen: { ...seen, errorDetails: details } };
  }
  const catching = state.catchers.findIndex(({ errors }) => errorMatches(errors, failure.error));
  const catcher = state.catchers[catching];
  if (catcher !== undefined) details['catchIndex'] = catching;
  const told = Object.keys(details).length > 0 ? { ...seen, errorDetails: details } : seen;
  if (catcher === undefined) return { status: 'FAILED', failure, seen: told };
  const errorOutput = errorOutputOf(failure);
  try {
    const left = await leave(tested, told, { exit: catcher, output: errorOutput, errorOutput });
    return { ...left, status: 'CAUGHT_ERROR', failure };
  } catch (thrown) {
    return { status: 'FAILED', failure: failureFrom(state, thrown), seen: told };
  }
}
