/** The stores that every step, end and undo needs. */
import type { ExecutionContext } from '../executions/context.ts';
import { createExecutionStore } from '../stores/executions.ts';
import { createInstanceStore, type InstanceStore } from '../stores/instances.ts';
import { createStepStore } from '../stores/steps.ts';
import type { Table } from '../stores/table.ts';

export interface ExecutionTables {
  readonly executions: Table;
  readonly instances: Table;
}

export type CreateExecutionStores = (
  tables: ExecutionTables,
) => Pick<ExecutionContext, 'executions' | 'steps'> & { readonly instances: InstanceStore };

export const createExecutionStores: CreateExecutionStores = ({ executions, instances }) => ({
  executions: createExecutionStore(executions),
  steps: createStepStore(executions),
  instances: createInstanceStore(instances),
});
