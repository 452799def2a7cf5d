/** Changes of health in the telemetry table: pk `HEALTH#<service>`, sk `<time>#<instance>`; removed by TTL. */
import * as z from 'zod';
import { ttlAttribute } from '../../../aws/model/tables.ts';
import type { Table } from '../../../aws/table.ts';
import { HealthChange } from '../model/health-change.ts';

const Kept = z.object({ change: HealthChange });
const daySeconds = 86_400;
const partition = (service: string) => `HEALTH#${service}`;

export interface HistoryQuery {
  /** ISO times; both ends are included. */
  readonly from: string;
  readonly to: string;
  readonly limit: number;
  /** Newest first when left out. */
  readonly oldestFirst?: boolean;
}

export type HealthHistory = ReturnType<typeof createHealthHistory>;

/** The same change again is the same item. */
export function createHealthHistory(table: Table, { days }: { readonly days: number }) {
  return {
    async add(change: HealthChange): Promise<void> {
      const expiresAt = Math.floor(Date.parse(change.at) / 1000) + days * daySeconds;
      const key = { pk: partition(change.service), sk: `${change.at}#${change.instance}` };
      await table.put({ ...key, schemaVersion: 1, [ttlAttribute]: expiresAt, change });
    },
    async between(
      service: string,
      { from, to, limit, oldestFirst = false }: HistoryQuery,
    ): Promise<HealthChange[]> {
      const { items } = await table.query({
        pk: partition(service),
        between: [from, `${to}~`],
        newestFirst: !oldestFirst,
        limit,
      });
      return items.map((item) => Kept.parse(item).change);
    },
  };
}
