/** The part of Amazon States Language that workflows compile to (JSONata only). Source: states-language.net. */
import type { Json } from '../definition/definition.ts';

export interface Retrier {
  ErrorEquals: string[];
  IntervalSeconds: number;
  MaxAttempts: number;
  BackoffRate: number;
  MaxDelaySeconds?: number;
  JitterStrategy: 'FULL';
}

export interface Catcher {
  ErrorEquals: string[];
  Output: Json;
  Next: string;
}

/** How a state ends: it goes on to another, or ends its scope. */
export type Ending = { Next: string } | { End: true };

/** What a state that has a result leaves behind. */
export type Completion = { Assign?: Record<string, string>; Output: Json } & Ending;

export type TaskState = {
  Type: 'Task';
  Resource: string;
  Arguments: { FunctionName: string; Payload: Json };
  TimeoutSeconds?: number;
  Retry: Retrier[];
  Catch?: Catcher[];
} & Completion;

export interface ChoiceState {
  Type: 'Choice';
  Choices: { Condition: string; Next: string }[];
  Default: string;
}

export type ParallelState = { Type: 'Parallel'; Branches: States[] } & Completion;

export type MapState = {
  Type: 'Map';
  Items: Json;
  ItemSelector: { items: Record<string, string>; path: string; share: Json };
  MaxConcurrency: number;
  ItemProcessor: { ProcessorConfig: { Mode: 'INLINE' } } & States;
} & Completion;

export type WaitState = { Type: 'Wait'; Output?: Json } & (
  | { Seconds: number | string }
  | { Timestamp: string }
) &
  Ending;

export interface SucceedState {
  Type: 'Succeed';
  Output: Json;
}

export type State = TaskState | ChoiceState | ParallelState | MapState | WaitState | SucceedState;

export interface States {
  StartAt: string;
  States: Record<string, State>;
}

export interface Asl extends States {
  QueryLanguage: 'JSONata';
  TimeoutSeconds: number;
}
