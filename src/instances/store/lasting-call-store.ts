/**
 * Calls that last, in the table of instances, where calls are made in many processes: pk `CALLS#<service>`, sk
 * `<instance>#<id>`. Who drains an instance waits for them. One whose process has died counts until its deadline.
 */
import * as z from 'zod';
import { ttlAttribute } from '../../aws/model/tables.ts';
import type { Table } from '../../aws/table.ts';

export interface LastingCall {
  readonly service: string;
  /** Of the instance. */
  readonly instance: string;
  readonly url: string;
  readonly id: string;
}

const Stored = z.looseObject({ url: z.string(), untilMs: z.number() });

const partition = (service: string): string => `CALLS#${service}`;
const keyOf = ({ service, instance, id }: LastingCall) => ({
  pk: partition(service),
  sk: `${instance}#${id}`,
});

export type LastingCallStore = ReturnType<typeof createLastingCallStore>;

export function createLastingCallStore(table: Table) {
  return {
    /** Nobody waits for it after `untilMs`, in milliseconds since the epoch. */
    async begin(call: LastingCall, untilMs: number): Promise<void> {
      const expires = { [ttlAttribute]: Math.ceil(untilMs / 1000) };
      await table.put({ ...keyOf(call), schemaVersion: 1, url: call.url, untilMs, ...expires });
    },
    async end(call: LastingCall): Promise<void> {
      await table.delete(keyOf(call));
    },
    /** How many are under way to an instance at a url: it had another one before it was started again. */
    async underWay({ service, instance, url }: Omit<LastingCall, 'id'>, nowMs: number): Promise<number> {
      const pk = partition(service);
      const items = await table.queryAll({ pk, beginsWith: `${instance}#`, consistent: true });
      return items.map((item) => Stored.parse(item)).filter((one) => one.url === url && one.untilMs > nowMs)
        .length;
    },
  };
}
