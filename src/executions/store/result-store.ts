/**
 * Results kept by reference, in the executions table: pk `EXECUTION#<id>`, sk `VALUE#<occurrence>#<hash>#<n>`, behind the
 * records of its steps, so that a query for those does not read them. The JSON is compressed and cut into items. They are written before the record of the step that names them,
 * under the hash of their content, so that a repeated write changes nothing.
 */
import { promisify } from 'node:util';
import { deflate, inflate } from 'node:zlib';
import * as z from 'zod';
import { ttlAttribute } from '../../aws/model/tables.ts';
import type { Table } from '../../aws/table.ts';
import type { ResultReference } from '../../workflows/definition/result-reference.ts';

const compress = promisify(deflate);
const decompress = promisify(inflate);

/** An item has at most 400 KB. */
const chunkBytes = 380_000;

const Chunk = z.object({ content: z.instanceof(Uint8Array) });

/** The second is that of earlier releases, which is read as long as what they wrote is kept. */
const prefixes = ['VALUE', 'RESULT'] as const;
const [prefixOfWrites] = prefixes;

interface Kept extends Pick<ResultReference, 'step' | 'id'> {
  readonly executionId: string;
  readonly prefix: (typeof prefixes)[number];
}

const chunkKey = ({ executionId, step, id, prefix }: Kept, index: number) => ({
  pk: `EXECUTION#${executionId}`,
  sk: `${prefix}#${step}#${id}#${String(index).padStart(3, '0')}`,
});

/** A result as it is kept: its JSON, and where. */
export interface ResultWrite {
  readonly executionId: string;
  readonly step: string;
  readonly id: string;
  readonly json: string;
  readonly expiresAtEpochSeconds: number;
}

export type ResultStore = ReturnType<typeof createResultStore>;

export function createResultStore(table: Table) {
  return {
    async put({ executionId, step, id, json, expiresAtEpochSeconds }: ResultWrite): Promise<ResultReference> {
      const compressed = await compress(json);
      const chunks = Math.ceil(compressed.length / chunkBytes);
      const write = (index: number): Promise<boolean> =>
        table.put({
          ...chunkKey({ executionId, step, id, prefix: prefixOfWrites }, index),
          schemaVersion: 1,
          content: compressed.subarray(index * chunkBytes, (index + 1) * chunkBytes),
          [ttlAttribute]: expiresAtEpochSeconds,
        });
      await Promise.all(Array.from({ length: chunks }, (_none, index) => write(index)));
      return { step, id, chunks, bytes: Buffer.byteLength(json) };
    },
    /** Keeps a result longer, when its execution goes on. */
    async keepUntil(
      executionId: string,
      reference: ResultReference,
      expiresAtEpochSeconds: number,
    ): Promise<void> {
      const keep = (kept: Kept, index: number): Promise<boolean> =>
        table.update(chunkKey(kept, index), {
          set: { [ttlAttribute]: expiresAtEpochSeconds },
          condition: { expression: 'attribute_exists(pk)' },
        });
      for (const prefix of prefixes) {
        const kept = { ...reference, executionId, prefix };
        if (!(await keep(kept, 0))) continue;
        for (let index = 1; index < reference.chunks; index++) await keep(kept, index);
        return;
      }
    },
    /** The JSON of a result, strongly consistent; undefined when this execution keeps no such result. */
    async get(executionId: string, reference: ResultReference): Promise<string | undefined> {
      for (const prefix of prefixes) {
        const kept = { ...reference, executionId, prefix };
        const read = (_none: unknown, index: number) =>
          table.get(chunkKey(kept, index), { consistent: true });
        const items = await Promise.all(Array.from({ length: reference.chunks }, read));
        if (items.some((item) => item === undefined)) continue;
        const parts = items.map((item) => Chunk.parse(item).content);
        return (await decompress(Buffer.concat(parts))).toString();
      }
      return undefined;
    },
  };
}
