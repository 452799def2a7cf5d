/** What operations work with. Everything that touches the world comes in here. */
import type { Fault } from '../domain/errors.ts';
import type { ExecutionContext } from '../executions/context.ts';
import type { ServiceStore } from '../stores/services.ts';

/** JSON Schema 2020-12, loaded on first use: most containers never need it. */
export interface SchemaChecker {
  /** The faults of a value against a schema, with paths. */
  valueFaults(schema: Record<string, unknown>, value: unknown): Fault[];
  /** Why a schema is not one; empty when it is. */
  schemaFaults(schema: unknown): string[];
}

export interface OperationContext extends ExecutionContext {
  readonly services: ServiceStore;
  /** The workflow that a start without a name means. */
  readonly defaultWorkflow: string | undefined;
  /** Machines that are created at run time carry this prefix, and run under this one role. */
  readonly machinePrefix: string;
  readonly machineRoleArn: string;
  readonly runStepFunction: string;
  readonly schemas: () => Promise<SchemaChecker>;
}
