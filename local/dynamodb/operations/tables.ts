import { notFound } from '../api-error.ts';
import type { TableDefinition } from '../storage/table-definition.ts';
import type { OperationContext } from './operation.ts';

export function tableOf({ store }: OperationContext, name: string): TableDefinition {
  const table = store.table(name);
  if (table === undefined) throw notFound();
  return table;
}
