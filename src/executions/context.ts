/** What executions work with: stores, Step Functions, and the clock, ids and hashing that come in. */
import type { StepFunctions } from '../aws/step-functions.ts';
import type { Clock } from '../base/clock.ts';
import type { Log } from '../base/log.ts';
import type { LogPayloads } from '../base/payload-log.ts';
import type { Tracing } from '../base/spans.ts';
import type { EvaluateApart } from '../expressions/model/bounded-expression.ts';
import type { LoadSchemaChecker } from '../json-schema/schema-checker.ts';
import type { KeptDefinitions } from '../workflows/kept-definitions.ts';
import type { WorkflowStore } from '../workflows/store/workflow-store.ts';
import type { ExecutionEnds } from './ends-to-tell.ts';
import type { ExecutionNews } from './news.ts';
import type { ExecutionLists } from './store/execution-lists.ts';
import type { ExecutionStore } from './store/execution-store.ts';
import type { ResultStore } from './store/result-store.ts';
import type { StepStore } from './store/step-store.ts';
import type { WorkflowMeter } from './workflow-meter.ts';

export interface ExecutionContext {
  readonly executions: ExecutionStore;
  readonly executionLists: ExecutionLists;
  readonly steps: StepStore;
  readonly results: ResultStore;
  readonly workflows: WorkflowStore;
  readonly definitions: KeptDefinitions;
  readonly stepFunctions: StepFunctions;
  /** Where all functions are one process. */
  readonly news?: ExecutionNews | undefined;
  /** Where executions are counted; absent where nobody wants to know. */
  readonly workflowMeter?: WorkflowMeter | undefined;
  readonly tracing?: Tracing | undefined;
  /** Those outside who want to know of ends. */
  readonly ends?: ExecutionEnds | undefined;
  readonly undoMachineArn: string;
  readonly retentionDays: number;
  readonly clock: Clock;
  readonly log: Log;
  /** Absent where no payload is logged. */
  readonly logPayloads?: LogPayloads | undefined;
  /** SHA-256 of a text as hexadecimal digits. */
  readonly hash: (text: string) => string;
  /** A new unique id of 32 characters. */
  readonly newId: () => string;
  /** For the schema that is to be checked, or checked with. */
  readonly schemas: LoadSchemaChecker;
  /** Evaluates expressions that may run away. */
  readonly evaluateApart: EvaluateApart;
}
