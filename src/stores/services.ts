/**
 * Services in the registry table, each with all its versions in one item, so that whatever changes is one conditional
 * write. Item: pk `SERVICE#<name>`, sk `HEAD`; index 1: `SERVICE` by name. An item without versions stands for a
 * registration that was given up: it is no service, but a write that began before it fails.
 */
import * as z from 'zod';
import { ServiceRecord } from '../domain/services.ts';
import { withTexts, withValues } from './json-text.ts';
import { type ListPage, listIndex, type PageRequest } from './named-list.ts';
import type { Condition, Table } from './table.ts';

const texts = ['versions'];
const RecordItem = z
  .record(z.string(), z.unknown())
  .transform((item) => withValues(item, texts))
  .pipe(ServiceRecord);

const keyOf = (name: string) => ({ pk: `SERVICE#${name}`, sk: 'HEAD' });

const revisionIs = (revision: number | undefined): Condition =>
  revision === undefined
    ? { expression: 'attribute_not_exists(pk)' }
    : { expression: 'revision = :revision', values: { ':revision': revision } };

const isService = ({ versions }: ServiceRecord): boolean => versions.length > 0;

export type ServiceStore = ReturnType<typeof createServiceStore>;

export function createServiceStore(table: Table) {
  const read = async (
    name: string,
    options?: { consistent?: boolean },
  ): Promise<ServiceRecord | undefined> => {
    const item = await table.get(keyOf(name), options);
    return item && RecordItem.parse(item);
  };
  return {
    async get(name: string, options?: { consistent?: boolean }): Promise<ServiceRecord | undefined> {
      const record = await read(name, options);
      return record && isService(record) ? record : undefined;
    },
    /** For a write that replaces it: strongly consistent, and without versions where one was given up. */
    forWrite: (name: string): Promise<ServiceRecord | undefined> => read(name, { consistent: true }),
    /** Those that exist, strongly consistent, in the order of the names; at most 100 names (AWS: BatchGetItem). */
    async getAll(names: readonly string[]): Promise<ServiceRecord[]> {
      const items = await table.getAll([...new Set(names)].map(keyOf));
      return items.flatMap((item) => (item ? [RecordItem.parse(item)] : [])).filter(isService);
    },
    /** False when the record is no longer the one of revision `replaces`. */
    put: (record: ServiceRecord, replaces: number | undefined): Promise<boolean> =>
      table.put(
        {
          ...keyOf(record.name),
          schemaVersion: 2,
          ...(isService(record) && { gsi1pk: 'SERVICE', gsi1sk: record.name }),
          ...withTexts(record, texts),
        },
        revisionIs(replaces),
      ),
    /** False when the record is no longer the one of that revision. */
    delete: (name: string, revision: number): Promise<boolean> =>
      table.delete(keyOf(name), revisionIs(revision)),
    list: (page: PageRequest): Promise<ListPage<ServiceRecord>> =>
      listIndex(table, { ...page, partition: 'SERVICE', shape: RecordItem }),
  };
}
