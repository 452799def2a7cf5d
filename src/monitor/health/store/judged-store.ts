/**
 * How services were as a whole when somebody looked last, in the table of instances beside the route of their service: sk
 * `JUDGED`. Every write says which one it replaces (`ver`), so that of two who find the same change one tells it.
 */
import type { Table } from '../../../aws/table.ts';
import type { JudgedBefore } from '../../../instances/model/judged-service.ts';
import { partition } from '../../../registry/services/store/route-store.ts';

export type JudgedStore = ReturnType<typeof createJudgedStore>;

export function createJudgedStore(table: Table) {
  return {
    /** In place of the one before (`ver` 1: of none); false when somebody else has written it. */
    put: (judged: JudgedBefore): Promise<boolean> =>
      table.put(
        { pk: partition(judged.service), sk: 'JUDGED', schemaVersion: 1, ...judged },
        judged.ver === 1
          ? { expression: 'attribute_not_exists(pk)' }
          : { expression: 'ver = :ver', values: { ':ver': judged.ver - 1 } },
      ),
  };
}
