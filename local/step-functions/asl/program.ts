/**
 * A state machine made ready to run: every reference checked, every expression compiled, defaults filled in.
 * Immutable and shared by all executions of one definition.
 */
import type { Template } from '../jsonata/template.ts';
import type { AslRetrier } from './schema.ts';
import type { TaskTarget } from './task-target.ts';

export interface Program {
  readonly scope: Scope;
  readonly timeoutSeconds: number | undefined;
}

/** The states that one branch of control runs through. */
export interface Scope {
  readonly startAt: string;
  readonly states: ReadonlyMap<string, State>;
}

/** What happens when a state, a choice or a catcher is left. */
export interface Exit {
  /** Absent when the scope ends here. */
  readonly next: string | undefined;
  readonly assign: Template | undefined;
  readonly output: Template | undefined;
}

export interface Catcher extends Exit {
  readonly errors: readonly string[];
}

interface Named {
  readonly name: string;
}

interface Recovering {
  readonly retriers: readonly AslRetrier[];
  readonly catchers: readonly Catcher[];
}

export interface PassState extends Named, Exit {
  readonly type: 'Pass';
}

export interface TaskState extends Named, Exit, Recovering {
  readonly type: 'Task';
  readonly target: TaskTarget;
  readonly arguments: Template | undefined;
  readonly timeoutSeconds: Template | undefined;
  readonly heartbeatSeconds: Template | undefined;
}

export interface ChoiceState extends Named {
  readonly type: 'Choice';
  readonly rules: readonly (Exit & { readonly condition: Template })[];
  /** Absent without `Default`. */
  readonly otherwise: Exit | undefined;
}

export interface WaitState extends Named, Exit {
  readonly type: 'Wait';
  readonly until: { readonly kind: 'seconds' | 'timestamp'; readonly template: Template };
}

export interface SucceedState extends Named, Exit {
  readonly type: 'Succeed';
}

export interface FailState extends Named {
  readonly type: 'Fail';
  readonly error: Template | undefined;
  readonly cause: Template | undefined;
}

export interface ParallelState extends Named, Exit, Recovering {
  readonly type: 'Parallel';
  readonly arguments: Template | undefined;
  readonly branches: readonly Scope[];
}

export interface MapState extends Named, Exit, Recovering {
  readonly type: 'Map';
  readonly items: Template | undefined;
  readonly itemSelector: Template | undefined;
  readonly maxConcurrency: Template | undefined;
  readonly toleratedFailureCount: Template | undefined;
  readonly toleratedFailurePercentage: Template | undefined;
  readonly processor: Scope;
}

export type State =
  | PassState
  | TaskState
  | ChoiceState
  | WaitState
  | SucceedState
  | FailState
  | ParallelState
  | MapState;
