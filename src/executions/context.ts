/** What the execution ring works with: stores, Step Functions, and the clock, ids and hashing that come in. */
import type { StepFunctions } from '../clients/step-functions.ts';
import type { Clock } from '../domain/clock.ts';
import type { CountedFaults, Fault } from '../domain/errors.ts';
import type { Log } from '../domain/log.ts';
import type { EvaluateApart } from '../domain/workflows/bounded-expression.ts';
import type { ExecutionLists } from '../stores/execution-lists.ts';
import type { ExecutionStore } from '../stores/executions.ts';
import type { ResultStore } from '../stores/results.ts';
import type { StepStore } from '../stores/steps.ts';
import type { WorkflowStore } from '../stores/workflows.ts';

export interface ForeignFaults {
  readonly faults: Fault[];
  /** The patterns that something was to be held against, and that could not be run. */
  readonly skipped: string[];
}

/** JSON Schema 2020-12, loaded on first use: most containers never need it. */
export interface SchemaChecker {
  /** The faults of a value against a schema of ours, with paths; at most a hundred, and how many there are besides. */
  valueFaults(schema: Record<string, unknown>, value: unknown): CountedFaults;
  /** The same with a schema of a service, whose patterns are run in linear time or not at all. */
  foreignFaults(schema: Record<string, unknown>, value: unknown): ForeignFaults;
  /** Why a schema is not one, with paths in it; no faults when it is. */
  schemaFaults(schema: unknown): CountedFaults;
}

export interface ExecutionContext {
  readonly executions: ExecutionStore;
  readonly executionLists: ExecutionLists;
  readonly steps: StepStore;
  readonly results: ResultStore;
  readonly workflows: WorkflowStore;
  readonly stepFunctions: StepFunctions;
  readonly undoMachineArn: string;
  readonly retentionDays: number;
  readonly clock: Clock;
  readonly log: Log;
  /** SHA-256 of a text as hexadecimal digits. */
  readonly hash: (text: string) => string;
  /** A new unique id of 32 characters. */
  readonly newId: () => string;
  /** For the schema that is to be checked, or checked with. */
  readonly schemas: (about?: unknown) => Promise<SchemaChecker>;
  /** Evaluates expressions that may run away. */
  readonly evaluateApart: EvaluateApart;
}

const secondsPerDay = 86_400;

/** Step Functions keeps a name taken for 90 days: an idempotency key is remembered as long. */
const namesTakenDays = 90;

/** When a closed execution's record goes: after the retention, later when its key must still be known. */
export function expiryOf(context: ExecutionContext, { keyed }: { keyed: boolean }): number {
  const days = keyed ? Math.max(context.retentionDays, namesTakenDays) : context.retentionDays;
  return Math.floor(context.clock.now() / 1000) + days * secondsPerDay;
}

/** When step records go: they are needed as long as the execution may run, and kept for the retention after. */
export const recordsExpiry = (context: ExecutionContext, timeoutSeconds: number): number =>
  Math.floor(context.clock.now() / 1000) + timeoutSeconds + context.retentionDays * secondsPerDay;
