/** What the store of results by reference promises, held against real databases. */
import { describe, expect, it } from 'vitest';
import type { Table } from '../../../src/aws/table.ts';
import { createResultStore, type ResultStore } from '../../../src/executions/store/result-store.ts';
import { createStepStore } from '../../../src/executions/store/step-store.ts';
import { databases } from '../../system/databases.ts';
import { withTables } from '../../system/store-tables.ts';

/** JSON of a text that hardly compresses. */
function noise(characters: number): string {
  let state = 1;
  const digits = Array.from({ length: characters }, () => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    return String.fromCharCode(0x4e00 + ((state >>> 8) % 20_000));
  });
  return JSON.stringify(digits.join(''));
}

const write = (executionId: string, json: string) => ({
  executionId,
  step: 'each/0/make',
  id: '0123456789abcdef',
  json,
  expiresAtEpochSeconds: 1_800_000_000,
});

for (const { database, start, tags } of databases)
  describe(`on ${database}`, { tags: [...tags] }, () => {
    let table: Table;
    let results: ResultStore;

    withTables(start, (tables) => {
      table = tables.executions;
      results = createResultStore(table);
    });

    it('gives back what was put, in as many items as that takes, each with its expiry', async () => {
      const json = noise(600_000);
      const reference = await results.put(write('big', json));
      expect(reference).toMatchObject({ step: 'each/0/make', id: '0123456789abcdef', bytes: 1_800_002 });
      expect(reference.chunks).toBeGreaterThan(2);
      expect((await results.get('big', reference)) === json).toBe(true);
      const items = await table.queryAll({ pk: 'EXECUTION#big', beginsWith: 'VALUE#each/0/make#' });
      expect(items.map(({ expiresAtEpochSeconds }) => expiresAtEpochSeconds)).toEqual(
        Array(reference.chunks).fill(1_800_000_000),
      );
      expect(await createStepStore(table).all('big')).toEqual([]);
    });

    it('puts the same again without a change, and has it for no other execution, step or content', async () => {
      const reference = await results.put(write('one', '{"n":1}'));
      expect(await results.put(write('one', '{"n":1}'))).toEqual(reference);
      expect(await results.get('one', reference)).toBe('{"n":1}');
      expect(await results.get('two', reference)).toBeUndefined();
      expect(await results.get('one', { ...reference, step: 'make' })).toBeUndefined();
      expect(await results.get('one', { ...reference, id: 'fedcba9876543210' })).toBeUndefined();
      expect(await results.get('one', { ...reference, chunks: 2 })).toBeUndefined();
    });

    it('reads, and keeps longer, what an earlier release put under another key', async () => {
      const reference = await results.put(write('old', noise(200_000)));
      const written = await table.queryAll({ pk: 'EXECUTION#old', beginsWith: 'VALUE#' });
      expect(written.length).toBeGreaterThan(1);
      for (const item of written) {
        const sk = String(item['sk']);
        await table.put({ ...item, pk: 'EXECUTION#old', sk: sk.replace('VALUE#', 'RESULT#') });
        await table.delete({ pk: 'EXECUTION#old', sk });
      }
      expect((await results.get('old', reference)) === noise(200_000)).toBe(true);
      await results.keepUntil('old', reference, 1_900_000_000);
      const kept = await table.queryAll({ pk: 'EXECUTION#old', beginsWith: '' });
      expect(kept.map(({ expiresAtEpochSeconds }) => expiresAtEpochSeconds)).toEqual(
        Array(reference.chunks).fill(1_900_000_000),
      );
    });

    it('a table keeps the numbers of JSON as they are, large ones too', async () => {
      const numbers = [1e21, -1e100, 9_007_199_254_740_994, 0.1, 5e-100];
      await table.put({ pk: 'numbers', sk: 'all', numbers });
      expect(await table.get({ pk: 'numbers', sk: 'all' })).toMatchObject({ numbers });
    });
  });
