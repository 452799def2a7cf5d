/** What all Tasks on run-step share: where they run, retries of the platform's faults, and what a failure does. */
import type { Catcher, Retrier, State, TaskState } from './asl.ts';
import { endStateOf, type Position, type Scope, scopeOutput, statesInput } from './compile-scope.ts';
import { emitText } from './emit.ts';

/** Faults of the Lambda platform itself. Source: AWS, "Handle transient Lambda service exceptions". */
export const platformRetrier: Retrier = {
  ErrorEquals: [
    'Lambda.ServiceException',
    'Lambda.AWSLambdaException',
    'Lambda.SdkClientException',
    'Lambda.TooManyRequestsException',
    'Lambda.Unknown',
    'Runtime.ExitError',
    'Sandbox.Timedout',
  ],
  IntervalSeconds: 1,
  MaxAttempts: 3,
  BackoffRate: 2,
  JitterStrategy: 'FULL',
};

/** A step whose failure the workflow may outlive. */
interface Failing {
  readonly id: string;
  readonly onFailure: 'fail' | 'continue';
}

/** A failure that the workflow outlives leads where success leads, without the variable of the step. */
export function catchersOf({ id, onFailure }: Failing, { next }: Position): { Catch?: Catcher[] } {
  if (onFailure === 'fail') return {};
  return { Catch: [{ ErrorEquals: ['States.ALL'], Output: statesInput, Next: next ?? endStateOf(id) }] };
}

/** The Task, and where its scope may end on its Catch, the state that ends it then. */
export function withEnd(
  { id, onFailure }: Failing,
  task: TaskState,
  position: Position,
): Record<string, State> {
  if (onFailure === 'fail' || position.next !== undefined) return { [id]: task };
  return { [id]: task, [endStateOf(id)]: { Type: 'Succeed', Output: scopeOutput(position) } };
}

/** The iteration path, as payloads say it. */
export const pathOf = (scope: Scope): string =>
  scope.items.length === 0 ? emitText('') : '{% $states.input.path %}';
