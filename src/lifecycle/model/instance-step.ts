/** What is seen of an instance, what is wanted of it, and the step that it takes then. */
import type { DrivenInstance, LifecycleState } from '../../instances/model/driven-instance.ts';
import type { Observed } from '../../instances/model/observed.ts';
import type { HealthCheck } from '../../registry/services/model/health-check.ts';

export interface Seen {
  readonly instance: DrivenInstance;
  /** What its driver says; undefined when it was not asked, or could not tell. */
  readonly observed?: Observed | undefined;
  /** Why its driver could not tell. */
  readonly unknown?: Unknown | undefined;
  readonly probed?: { readonly passed: boolean; readonly why?: string | undefined } | undefined;
  /** Calls under way on it; undefined when nobody has looked. */
  readonly calls?: CallsUnderWay | undefined;
}

export interface CallsUnderWay {
  readonly count: number;
  /** Whether there are no others; where other processes call, only calls that last are known. */
  readonly all: boolean;
}

export const saidUnderWay = (count: number): string =>
  count === 1 ? '1 call is under way on it' : `${count} calls are under way on it`;

export interface Unknown {
  readonly why: string;
  /** There is no such driver here: nobody can start, describe or stop it. */
  readonly driverMissing: boolean;
}

export interface Circumstances {
  readonly nowMs: number;
  /** Whether instances of the service are to run. */
  readonly running: boolean;
  readonly healthCheck: HealthCheck;
  readonly drain: Drain;
  /** What was started for another one is started anew in its place; undefined where another instance takes its place. */
  readonly revision?: number | undefined;
  /** Why one that is unhealthy is not started again; undefined while it is. */
  readonly healingStopped?: string | undefined;
  /** A required service that is not there yet. */
  readonly missing?: string | undefined;
}

export interface Drain {
  /** Until nobody chooses it any more for a call. */
  readonly settleMs: number;
  /** The longest wait for calls that nobody knows; those that are known are waited for until they have ended. */
  readonly mostMs: number;
}

/** A write of the record, and what is asked of the driver after it. */
export interface Move {
  readonly patch: Partial<DrivenInstance>;
  readonly to?: LifecycleState;
  readonly reason?: string;
  readonly ask?: 'start' | 'stop';
}

export type Next = Move | 'start' | 'stop' | 'forget' | undefined;
