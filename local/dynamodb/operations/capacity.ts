/** Consumed capacity as AWS counts it: 4 KB a read unit, half of one when it need not be consistent, 1 KB a write unit. */
import type { TableDefinition } from '../storage/table-definition.ts';

export type Shown = 'INDEXES' | 'TOTAL' | 'NONE' | undefined;

export interface Consumed {
  readonly table: TableDefinition;
  readonly units: number;
  /** Of them, by the index. */
  readonly indexUnits?: Readonly<Record<string, number>>;
  readonly kind?: 'read' | 'write';
}

export const readUnits = (bytes: number, consistent: boolean): number =>
  Math.max(1, Math.ceil(bytes / 4096)) / (consistent ? 1 : 2);

export const writeUnits = (bytes: number): number => Math.max(1, Math.ceil(bytes / 1024));

/** Undefined where nobody asked. */
export function shownCapacity(shown: Shown, consumed: Consumed | (() => Consumed)): object | undefined {
  if (shown === undefined || shown === 'NONE') return undefined;
  const { table, units, indexUnits = {}, kind } = typeof consumed === 'function' ? consumed() : consumed;
  const total = {
    TableName: table.name,
    CapacityUnits: units,
    ...(kind === 'read' && { ReadCapacityUnits: units }),
    ...(kind === 'write' && { WriteCapacityUnits: units }),
  };
  if (shown === 'TOTAL') return total;
  const ofIndexes = Object.values(indexUnits).reduce((sum, part) => sum + part, 0);
  const scoped = (scope: 'global' | 'local'): Record<string, object> | undefined => {
    const named = table.indexes.filter(({ name, scope: own }) => own === scope && name in indexUnits);
    if (named.length === 0) return undefined;
    return Object.fromEntries(named.map(({ name }) => [name, { CapacityUnits: indexUnits[name] ?? 0 }]));
  };
  return {
    ...total,
    Table: { CapacityUnits: units - ofIndexes },
    GlobalSecondaryIndexes: scoped('global'),
    LocalSecondaryIndexes: scoped('local'),
  };
}
