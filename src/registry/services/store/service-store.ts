/**
 * Services in the registry table, each with all its versions in one item, so that whatever changes is one conditional
 * write. Items: pk `SERVICE#<name>`, sk `HEAD`; index 1: `SERVICE` by name. And pk `TAG#<tag>`, sk `<name>`: which
 * services may have a tag, so that they are found without a scan. A record without versions stands for a registration
 * that was given up: it is no service, but a write that began before it fails.
 */
import * as z from 'zod';
import { decodeCursor, encodeCursor } from '../../../aws/cursor.ts';
import { withTexts, withValues } from '../../../aws/json-text.ts';
import { type ListPage, listIndex, type PageRequest } from '../../../aws/named-list.ts';
import type { Condition, Table } from '../../../aws/table.ts';
import { ServiceRecord } from '../model/services.ts';

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

const tagPartition = (tag: string) => `TAG#${tag}`;
const tagKey = (tag: string, name: string) => ({ pk: tagPartition(tag), sk: name });
const TagPosition = z.strictObject({ pk: z.string(), sk: z.string() });

const notAfter = (revision: number): Condition => ({
  expression: 'attribute_not_exists(pk) OR revision <= :revision',
  values: { ':revision': revision },
});

interface NamePage {
  readonly names: string[];
  readonly nextCursor: string | undefined;
}
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
    /** Makes a service found by its tags; before its record says so, and with the revision that the record will have. */
    async tag(name: string, tags: readonly string[], revision: number): Promise<void> {
      await Promise.all(
        tags.map((tag) =>
          table.put({ ...tagKey(tag, name), schemaVersion: 1, name, revision }, notAfter(revision)),
        ),
      );
    },
    /** After the record no longer says so; a later revision that has the tag again is left alone. */
    async untag(name: string, tags: readonly string[], revision: number): Promise<void> {
      await Promise.all(tags.map((tag) => table.delete(tagKey(tag, name), notAfter(revision))));
    },
    /** The names of some services, in their order; after a crash also of one that has the tag no more. */
    async namesWithTag(tag: string, { limit, cursor }: PageRequest): Promise<NamePage> {
      const after = cursor === undefined ? undefined : decodeCursor(cursor, TagPosition);
      const page = await table.page({ pk: tagPartition(tag), limit, ...(after && { after }) });
      return {
        names: page.items.map(({ sk }) => String(sk)),
        nextCursor: page.next && encodeCursor(page.next),
      };
    },
    list: (page: PageRequest): Promise<ListPage<ServiceRecord>> =>
      listIndex(table, { ...page, partition: 'SERVICE', shape: RecordItem }),
  };
}
