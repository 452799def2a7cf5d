/**
 * Subscriptions in the registry table: pk `WEBHOOKS`, sk `<id>`. The secret of one is an item of its own, pk
 * `WEBHOOK_SECRET#<id>`, which is read where something is signed and nowhere else: no list can show it.
 */
import type { Table } from '../../../aws/table.ts';
import { Webhook } from '../model/webhook.ts';

const partition = 'WEBHOOKS';
const keyOf = (id: string) => ({ pk: partition, sk: id });
const secretKey = (id: string) => ({ pk: `WEBHOOK_SECRET#${id}`, sk: 'HEAD' });

export type WebhookStore = ReturnType<typeof createWebhookStore>;

export function createWebhookStore(table: Table) {
  return {
    /** All of them, oldest first; the newest may be missing for a moment where they are not read consistently. */
    async all({ consistent = false } = {}): Promise<Webhook[]> {
      const items = await table.queryAll({ pk: partition, consistent });
      return items
        .map((item) => Webhook.parse(item))
        .sort((one, other) => (one.createdAt < other.createdAt ? -1 : 1));
    },
    async get(id: string): Promise<Webhook | undefined> {
      const item = await table.get(keyOf(id), { consistent: true });
      return item && Webhook.parse(item);
    },
    /** Its secret first: whoever finds it can sign. False when the id is taken. */
    async create(webhook: Webhook, secret: string): Promise<boolean> {
      const anew = { expression: 'attribute_not_exists(pk)' };
      if (!(await table.put({ ...secretKey(webhook.id), schemaVersion: 1, secret }, anew))) return false;
      return table.put({ ...keyOf(webhook.id), schemaVersion: 1, ...webhook }, anew);
    },
    /** False when there is none. */
    disable: (id: string, disabled: NonNullable<Webhook['disabled']>): Promise<boolean> =>
      table.update(keyOf(id), {
        set: { disabled },
        condition: { expression: 'attribute_exists(pk)' },
      }),
    enable: (id: string): Promise<boolean> =>
      table.update(keyOf(id), {
        remove: ['disabled'],
        condition: { expression: 'attribute_exists(pk)' },
      }),
    /** False when there was none. */
    async delete(id: string): Promise<boolean> {
      const existed = await table.delete(keyOf(id), { expression: 'attribute_exists(pk)' });
      await table.delete(secretKey(id));
      return existed;
    },
    async secretOf(id: string): Promise<string | undefined> {
      const secret: unknown = (await table.get(secretKey(id), { consistent: true }))?.['secret'];
      return typeof secret === 'string' ? secret : undefined;
    },
  };
}
