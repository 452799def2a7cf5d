/** Killed at any moment, it has every write that was acknowledged, and the index has what the table has. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { ScanCommand } from '@aws-sdk/client-dynamodb';
import { expect, it } from 'vitest';
import { createTable, type Item, openEmbedded } from '../../../system/embedded-dynamodb.ts';

const writer = fileURLToPath(new URL('writer.ts', import.meta.url));

it.each(['process', 'disk'])(
  'has every acknowledged write, and an index that agrees, after kill -9 at any moment (%s)',
  async (durability) => {
    for (let round = 0; round < 3; round++) {
      const path = await mkdtemp(join(tmpdir(), 'orchestrator-killed-'));
      const before = await openEmbedded({ path });
      await createTable(before.client, { at: 'N' });
      await before.close();

      const last = await lastWrite(path, durability, 20 + 71 * round);

      const opened = await openEmbedded({ path });
      const { Items: items = [] } = await opened.client.send(new ScanCommand({ TableName: 'things' }));
      const indexed = await opened.client.send(
        new ScanCommand({ TableName: 'things', IndexName: 'by-owner' }),
      );
      await opened.close();
      await rm(path, { recursive: true, force: true });
      expect(shown(indexed.Items ?? [])).toEqual(shown(items));
      // The one after the last acknowledged one may have been written too.
      expect([shown(expectedAfter(last)), shown(expectedAfter(last + 1))]).toContainEqual(shown(items));
    }
  },
  120_000,
);

async function lastWrite(path: string, durability: string, afterMs: number): Promise<number> {
  const child = spawn(process.execPath, ['--import', 'tsx', writer, path, durability], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const closed = once(child, 'close');
  let said = '';
  child.stdout.on('data', (data: Buffer) => {
    said += data.toString();
  });
  await once(child.stdout, 'data');
  await setTimeout(afterMs);
  child.kill('SIGKILL');
  await closed;
  return Number(said.slice(0, said.lastIndexOf('\n')).split('\n').at(-1));
}

/** What the writer has left after this write. */
function expectedAfter(last: number): Item[] {
  const items = new Map<string, Item>();
  for (let number = 0; number <= last; number++) {
    const sk = String(number % 40);
    if (number % 10 === 9) items.delete(sk);
    else
      items.set(sk, {
        pk: { S: 'p' },
        sk: { S: sk },
        owner: { S: `o${number % 3}` },
        at: { N: String(number) },
      });
  }
  return [...items.values()];
}

const shown = (items: readonly Item[]): string[] =>
  items.map((item) => `${item['sk']?.S} ${item['owner']?.S} ${item['at']?.N}`).sort();
