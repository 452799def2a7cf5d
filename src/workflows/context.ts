/** What defining, checking and trying workflows works with. */
import type { StepFunctions } from '../aws/step-functions.ts';
import type { Clock } from '../base/clock.ts';
import type { EvaluateApart } from '../expressions/model/bounded-expression.ts';
import type { InstanceStore } from '../instances/store/instance-store.ts';
import type { LoadSchemaChecker } from '../json-schema/schema-checker.ts';
import type { RegistryContext } from '../registry/context.ts';
import type { ServiceStore } from '../registry/services/store/service-store.ts';
import type { CatalogueStore } from '../registry/tools/store/catalogue-store.ts';
import type { WorkflowStore } from './store/workflow-store.ts';

/** What a definition is held against. */
export interface CheckContext {
  readonly services: ServiceStore;
  readonly workflows: WorkflowStore;
  /** For the schema that is to be checked, or checked with. */
  readonly schemas: LoadSchemaChecker;
  /** What is known of tools; without it nothing is said of them. */
  readonly catalogues?: Pick<CatalogueStore, 'get'> | undefined;
}

/** What gives a definition its version. */
export interface DefinitionContext extends RegistryContext, CheckContext {
  readonly catalogues?: CatalogueStore | undefined;
  /** SHA-256 of a text as hexadecimal digits. */
  readonly hash: (text: string) => string;
  /** Arn of the function that the machines call. */
  readonly runStepFunction: string;
}

/** What makes machines at run time, and holds them against the registry. */
export interface MachineContext {
  readonly workflows: WorkflowStore;
  readonly stepFunctions: StepFunctions;
  readonly clock: Clock;
  readonly hash: (text: string) => string;
  readonly runStepFunction: string;
  /** The names of machines that are created at run time begin with this, and all run under this one role. */
  readonly machinePrefix: string;
  readonly machineRoleArn: string;
}

/** What runs a definition without calling anybody. */
export interface DryRunContext {
  /** Evaluates an expression as Step Functions would, where nothing is run. Rejects with what JSONata threw. */
  readonly evaluateNative: EvaluateApart;
  /** Evaluates expressions that may run away. */
  readonly evaluateApart: EvaluateApart;
  readonly clock: Clock;
}

/** Finds executions that have not ended; whoever keeps executions answers. */
export interface OpenExecutions {
  /** At most `limit` of the executions that a version runs, and whether there are more. */
  openOf(
    version: { readonly workflow: string; readonly version: number },
    limit: number,
  ): Promise<{ readonly executions: readonly { readonly id: string }[]; readonly more: boolean }>;
}

export interface WorkflowOperationContext extends DefinitionContext, MachineContext, DryRunContext {
  readonly catalogues: CatalogueStore;
  readonly instances: InstanceStore;
  readonly executionLists: OpenExecutions;
  readonly retentionDays: number;
}
