/** What the manifest that was applied last named, in the registry table: pk `MANIFEST`, sk `HEAD`. */
import * as z from 'zod';
import { withTexts, withValues } from '../../aws/json-text.ts';
import type { Table } from '../../aws/table.ts';
import { AppliedManifest } from '../model/applied-manifest.ts';

const key = { pk: 'MANIFEST', sk: 'HEAD' };
const texts = ['services', 'workflows'];

const HeadItem = z
  .record(z.string(), z.unknown())
  .transform((item) => withValues(item, texts))
  .pipe(AppliedManifest);

export type AppliedManifestStore = ReturnType<typeof createAppliedManifestStore>;

export function createAppliedManifestStore(table: Table) {
  return {
    /** Strongly consistent; undefined when none was ever applied. */
    async get(): Promise<AppliedManifest | undefined> {
      const item = await table.get(key, { consistent: true });
      return item && HeadItem.parse(item);
    },
    /** False when the one that is there is no longer of revision `replaces`. */
    put: (applied: AppliedManifest, replaces: number | undefined): Promise<boolean> =>
      table.put(
        { ...key, schemaVersion: 1, ...withTexts(applied, texts) },
        replaces === undefined
          ? { expression: 'attribute_not_exists(pk)' }
          : { expression: 'revision = :revision', values: { ':revision': replaces } },
      ),
  };
}
