/**
 * What services offer, in the registry table. Items: pk `SERVICE#<name>`, sk `CATALOGUE#<version>`: the catalogue,
 * compressed, or, while it was never read, only why not, then in index 1 under `UNKNOWN_TOOLS`. pk `TOOLS`, sk
 * `SERVICE#<name>@<version>`: what a search looks at. pk `TOOLS`, sk `HEAD`: a text that is another one after each
 * change of these. pk `TOOLS`, sk `POSITION`: where the scheduled refresh goes on.
 */
import { promisify } from 'node:util';
import { deflate, inflate } from 'node:zlib';
import * as z from 'zod';
import type { Table } from '../../../aws/table.ts';
import { Catalogue, type KnownCatalogue, summaryOf, ToolSummary } from '../model/catalogue.ts';

const compress = promisify(deflate);
const decompress = promisify(inflate);

/** An item has at most 400 KB (AWS: DynamoDB quotas). */
const mostBytes = 380_000;

export interface VersionKey {
  readonly name: string;
  readonly version: string;
}

export interface ReadCatalogue extends VersionKey {
  readonly catalogue: Catalogue;
  readonly instance: string;
  /** When the read began: of two at the same time, the one that began later stays. */
  readonly startedAtMs: number;
  /** ISO time. */
  readonly refreshedAt: string;
}

export interface FailedRead extends VersionKey {
  readonly refreshError: string;
  readonly failedAt: string;
  readonly startedAtMs: number;
}

export interface VersionTools extends VersionKey {
  readonly tools: readonly ToolSummary[];
}

const Content = z.instanceof(Uint8Array);
const Stored = z.object({
  content: Content.optional(),
  refreshedAt: z.string().optional(),
  instance: z.string().optional(),
  refreshError: z.string().optional(),
  failedAt: z.string().optional(),
});
const Summary = z.object({ name: z.string(), version: z.string(), content: Content });
const Unknown = z.object({ name: z.string(), version: z.string() });

const catalogueKey = ({ name, version }: VersionKey) => ({
  pk: `SERVICE#${name}`,
  sk: `CATALOGUE#${version}`,
});
const summaryKey = ({ name, version }: VersionKey) => ({ pk: 'TOOLS', sk: `SERVICE#${name}@${version}` });
const headKey = { pk: 'TOOLS', sk: 'HEAD' };
const positionKey = { pk: 'TOOLS', sk: 'POSITION' };
const unknownPartition = 'UNKNOWN_TOOLS';

const notAfter = (startedAtMs: number) => ({
  expression: 'attribute_not_exists(startedAtMs) OR startedAtMs <= :started',
  values: { ':started': startedAtMs },
});

const packed = async (value: unknown): Promise<Buffer> => compress(JSON.stringify(value));
const unpacked = async <T>(content: Uint8Array, shape: z.ZodType<T>): Promise<T> =>
  shape.parse(JSON.parse((await decompress(content)).toString()));

export type CatalogueStore = ReturnType<typeof createCatalogueStore>;

export function createCatalogueStore(table: Table) {
  const announce = (revision: string) => table.put({ ...headKey, schemaVersion: 1, revision });
  return {
    /** Undefined when nobody has tried to read it. */
    async get(key: VersionKey, options?: { consistent?: boolean }): Promise<KnownCatalogue | undefined> {
      const item = await table.get(catalogueKey(key), options);
      if (!item) return undefined;
      const { content, ...known } = Stored.parse(item);
      return content ? { ...known, catalogue: await unpacked(content, Catalogue) } : known;
    },
    /** False when a read that began later is there already. The search hears of it after this. */
    async put(read: ReadCatalogue): Promise<boolean> {
      const { name, version, catalogue, instance, startedAtMs, refreshedAt } = read;
      const written = await table.put(
        {
          ...catalogueKey(read),
          schemaVersion: 1,
          name,
          version,
          instance,
          startedAtMs,
          refreshedAt,
          content: await fitting(catalogue),
        },
        notAfter(startedAtMs),
      );
      return written;
    },
    /** What was read before stays. */
    async putFailure({ name, version, refreshError, failedAt, startedAtMs }: FailedRead): Promise<void> {
      const key = catalogueKey({ name, version });
      const set = { schemaVersion: 1, name, version, refreshError, failedAt };
      const condition = notAfter(startedAtMs);
      await table.update(key, { set, condition });
    },
    /** Remembers that the tools of a version are to be read, unless something is known of them. */
    async putUnknown({ name, version }: VersionKey): Promise<void> {
      await table.put(
        {
          ...catalogueKey({ name, version }),
          schemaVersion: 1,
          name,
          version,
          gsi1pk: unknownPartition,
          gsi1sk: `${name}@${version}`,
        },
        { expression: 'attribute_not_exists(pk)' },
      );
    },
    /** Versions whose tools were never read. */
    async unknown(limit: number): Promise<VersionKey[]> {
      const { items } = await table.query({ index: 'gsi1', pk: unknownPartition, limit });
      return items.map((item) => Unknown.parse(item));
    },
    /** What a search finds; `revision` is a text that was never used before. */
    async putSummary(
      read: Pick<ReadCatalogue, 'name' | 'version' | 'catalogue' | 'startedAtMs'>,
      revision: string,
    ): Promise<void> {
      const { name, version, catalogue, startedAtMs } = read;
      const content = await packed(catalogue.tools.map(summaryOf));
      const item = { ...summaryKey(read), schemaVersion: 1, name, version, startedAtMs, content };
      if (await table.put(item, notAfter(startedAtMs))) await announce(revision);
    },
    async remove(name: string, versions: readonly string[], revision: string): Promise<void> {
      let found = false;
      for (const version of versions) {
        await table.delete(catalogueKey({ name, version }));
        if (await table.delete(summaryKey({ name, version }), { expression: 'attribute_exists(pk)' }))
          found = true;
      }
      if (found) await announce(revision);
    },
    /** Eventually consistent; undefined while no tools are known. */
    async revision(): Promise<string | undefined> {
      const item = await table.get(headKey);
      return item && z.object({ revision: z.string() }).parse(item).revision;
    },
    /** Everything that a search looks at, strongly consistent. */
    async summaries(): Promise<VersionTools[]> {
      const items = await table.queryAll({ pk: 'TOOLS', beginsWith: 'SERVICE#', consistent: true });
      return Promise.all(
        items.map(async (item) => {
          const { name, version, content } = Summary.parse(item);
          return { name, version, tools: await unpacked(content, z.array(ToolSummary)) };
        }),
      );
    },
    async position(): Promise<string | undefined> {
      const item = await table.get(positionKey);
      return item && z.object({ cursor: z.string().optional() }).parse(item).cursor;
    },
    async putPosition(cursor: string | undefined): Promise<void> {
      await table.put({ ...positionKey, schemaVersion: 1, cursor });
    },
  };
}

/** One item: what does not fit goes, output schemas first, then input schemas, then resources and prompts, then texts. */
async function fitting(catalogue: Catalogue): Promise<Buffer> {
  for (const smaller of shrinkings) {
    const content = await packed(smaller(catalogue));
    if (content.length <= mostBytes) return content;
  }
  throw new Error('a catalogue without any texts does not fit into an item');
}

const warned = (catalogue: Catalogue, what: string): Catalogue => ({
  ...catalogue,
  warnings: [...catalogue.warnings, `The catalogue does not fit into one item: ${what} were left out`],
});

const shrinkings: ((catalogue: Catalogue) => Catalogue)[] = [
  (catalogue) => catalogue,
  (catalogue) => warned({ ...catalogue, tools: catalogue.tools.map(withoutOutput) }, 'output schemas'),
  (catalogue) => warned({ ...catalogue, tools: catalogue.tools.map(withoutSchemas) }, 'schemas'),
  (catalogue) =>
    warned(
      { ...catalogue, tools: catalogue.tools.map(withoutSchemas), resources: [], prompts: [] },
      'schemas, resources and prompts',
    ),
  ({ tools, warnings }) =>
    warned(
      { tools: tools.map(({ name }) => ({ name })), resources: [], prompts: [], warnings },
      'schemas, descriptions, resources and prompts',
    ),
];

const withoutOutput = ({ outputSchema: _output, ...tool }: Catalogue['tools'][number]) => tool;
const withoutSchemas = ({
  outputSchema: _output,
  inputSchema: _input,
  ...tool
}: Catalogue['tools'][number]) => tool;
