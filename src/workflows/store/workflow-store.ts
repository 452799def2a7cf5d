/**
 * Workflow definitions in the registry table. Items of pk `WORKFLOW#<name>`: sk `HEAD` (the newest version,
 * without its steps; index 1: `WORKFLOW` by name) and sk `VERSION#<000001>`, written once and never changed but for the
 * mark of a deletion, after which TTL removes it.
 */
import * as z from 'zod';
import { decodeCursor, encodeCursor } from '../../aws/cursor.ts';
import { filledPage } from '../../aws/filled-page.ts';
import { withTexts, withValues } from '../../aws/json-text.ts';
import { ttlAttribute } from '../../aws/model/tables.ts';
import { type ListPage, listIndex, type PageRequest } from '../../aws/named-list.ts';
import { type Condition, keyOf, type Table } from '../../aws/table.ts';
import { WorkflowHead, WorkflowVersion } from '../model/workflow-records.ts';

const texts = ['definition', 'inputSchema'];
const Item = z.record(z.string(), z.unknown()).transform((item) => withValues(item, texts));
const HeadItem = Item.pipe(WorkflowHead);
const VersionItem = Item.pipe(WorkflowVersion);

const partition = (name: string) => `WORKFLOW#${name}`;
const headKey = (name: string) => ({ pk: partition(name), sk: 'HEAD' });
const versionKey = (name: string, version: number) => ({
  pk: partition(name),
  sk: `VERSION#${String(version).padStart(6, '0')}`,
});

const newestIs = (version: number | undefined): Condition =>
  version === undefined
    ? { expression: 'attribute_not_exists(pk)' }
    : {
        expression: '#version = :version',
        names: { '#version': 'version' },
        values: { ':version': version },
      };

const VersionKey = z.strictObject({ pk: z.string(), sk: z.string() });

interface VersionPlace {
  readonly after: Record<string, string> | undefined;
}

const mostVersionReads = 10;

export type WorkflowStore = ReturnType<typeof createWorkflowStore>;

export function createWorkflowStore(table: Table) {
  return {
    async head(name: string): Promise<WorkflowHead | undefined> {
      const item = await table.get(headKey(name), { consistent: true });
      return item && HeadItem.parse(item);
    },
    /** Those that exist; at most 100 names (AWS: BatchGetItem). */
    async heads(names: readonly string[]): Promise<WorkflowHead[]> {
      const items = await table.getAll([...new Set(names)].map(headKey));
      return items.flatMap((item) => (item ? [HeadItem.parse(item)] : []));
    },
    async version(name: string, version: number): Promise<WorkflowVersion | undefined> {
      const item = await table.get(versionKey(name, version), { consistent: true });
      return item && VersionItem.parse(item);
    },
    /** False when that version exists already. */
    addVersion: (version: WorkflowVersion): Promise<boolean> =>
      table.put(
        { ...versionKey(version.name, version.version), schemaVersion: 1, ...withTexts(version, texts) },
        { expression: 'attribute_not_exists(pk)' },
      ),
    /** Makes a version the newest one; false when the newest one is no longer `replaces`. */
    promote: (head: WorkflowHead, replaces: number | undefined): Promise<boolean> =>
      table.put(
        {
          ...headKey(head.name),
          schemaVersion: 1,
          gsi1pk: 'WORKFLOW',
          gsi1sk: head.name,
          ...withTexts(head, texts),
        },
        newestIs(replaces),
      ),
    /** Takes a workflow out of the registry that runs on this machine; its versions stay, for their executions. */
    remove: (name: string, machineArn: string): Promise<boolean> =>
      table.delete(headKey(name), {
        expression: 'machineArn = :machineArn',
        values: { ':machineArn': machineArn },
      }),
    /** The number of the newest version, of a workflow that was removed too; 0 when there was none. */
    async newestVersion(name: string): Promise<number> {
      const options = { beginsWith: 'VERSION#', newestFirst: true, limit: 1, consistent: true };
      const { items } = await table.query({ pk: partition(name), ...options });
      return items[0] === undefined ? 0 : VersionItem.parse(items[0]).version;
    },
    /** Marks a version as deleted and lets it expire; false when it is gone, or was deleted before. */
    deleteVersion: (
      { name, version }: Pick<WorkflowVersion, 'name' | 'version'>,
      deletion: NonNullable<WorkflowVersion['deletion']>,
    ): Promise<boolean> =>
      table.update(versionKey(name, version), {
        set: { deletion, [ttlAttribute]: Math.floor(Date.parse(deletion.keptUntil) / 1000) },
        condition: { expression: 'attribute_exists(pk) AND attribute_not_exists(deletion)' },
      }),
    /** The versions that were not deleted, newest first. */
    async listVersions(name: string, { limit, cursor }: PageRequest): Promise<ListPage<WorkflowVersion>> {
      const { items, next } = await filledPage<WorkflowVersion, VersionPlace>({
        from: { after: cursor === undefined ? undefined : decodeCursor(cursor, VersionKey) },
        limit,
        mostReads: mostVersionReads,
        async read({ after }, most) {
          const options = { beginsWith: 'VERSION#', newestFirst: true, limit: most, consistent: true };
          const page = await table.query({ pk: partition(name), ...options, ...(after && { after }) });
          const entries = page.items.map((item) => {
            const version = VersionItem.parse(item);
            return { value: version.deletion ? undefined : version, position: { after: keyOf(item) } };
          });
          return { entries, next: page.next && { after: VersionKey.parse(page.next) } };
        },
      });
      return { items, nextCursor: next?.after && encodeCursor(next.after) };
    },
    /** Every version of a workflow, oldest first; deleted ones too, as long as they are kept. */
    async versions(name: string): Promise<WorkflowVersion[]> {
      const items = await table.queryAll({ pk: partition(name), beginsWith: 'VERSION#', consistent: true });
      return items.map((item) => VersionItem.parse(item));
    },
    list: (page: PageRequest, shows?: (head: WorkflowHead) => boolean): Promise<ListPage<WorkflowHead>> =>
      listIndex(table, { ...page, partition: 'WORKFLOW', shape: HeadItem, ...(shows && { shows }) }),
  };
}
