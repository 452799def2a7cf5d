/**
 * A power cut leaves any of the pages that were written since the last checkpoint, and loses any. What opens afterwards
 * is the state of the checkpoint.
 */
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { PutItemCommand, ScanCommand } from '@aws-sdk/client-dynamodb';
import fc from 'fast-check';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { createTable, type EmbeddedDynamoDb, openEmbedded } from '../../../system/embedded-dynamodb.ts';

const pageSize = 4096;
let folder: string;
let embedded: EmbeddedDynamoDb;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'orchestrator-power-cut-'));
  embedded = await openEmbedded({ path: join(folder, 'running') });
  await createTable(embedded.client, { at: 'N' });
});
afterEach(async () => {
  await embedded.close();
  rmSync(folder, { recursive: true, force: true });
});

const itemOf = (number: number, round: number) => ({
  pk: { S: `p${number % 7}` },
  sk: { S: `s${number}` },
  owner: { S: `o${(number + round) % 5}` },
  at: { N: String(number * 3 + round) },
  text: { S: 'x'.repeat((number * 37 + round * 11) % 900) },
});

it('opens with what was there at the last checkpoint, whichever pages a power cut leaves', async () => {
  for (let number = 0; number < 200; number++)
    await embedded.client.send(new PutItemCommand({ TableName: 'things', Item: itemOf(number, 0) }));
  await setTimeout(400);
  const running = (name: string): string => join(folder, 'running', name);
  const [synced, checkpoint] = [
    readFileSync(running('data.mdb')),
    readFileSync(running('checkpoint'), 'utf8'),
  ];
  // In one turn of the loop, so that no other checkpoint is taken.
  for (let round = 1; round < 9; round++) {
    for (let number = 0; number < 200; number += round) {
      const body = JSON.stringify({ TableName: 'things', Item: itemOf(number, round) });
      embedded.database.answer({ target: 'DynamoDB_20120810.PutItem', body });
    }
  }
  copyFileSync(running('data.mdb'), join(folder, 'written'));
  const written = readFileSync(join(folder, 'written'));
  const expected = Array.from({ length: 200 }, (_, number) => itemOf(number, 0));

  await fc.assert(
    fc.asyncProperty(fc.infiniteStream(fc.boolean()), async (survives) => {
      const path = mkdtempSync(join(folder, 'cut-'));
      writeFileSync(join(path, 'data.mdb'), mixed(synced, written, survives));
      writeFileSync(join(path, 'checkpoint'), checkpoint.replace(/"start":"[^"]*"/, '"start":"another"'));
      const opened = await openEmbedded({ path });
      try {
        const table = await opened.client.send(new ScanCommand({ TableName: 'things' }));
        expect(sorted(table.Items)).toEqual(sorted(expected));
        const index = await opened.client.send(
          new ScanCommand({ TableName: 'things', IndexName: 'by-owner' }),
        );
        expect(sorted(index.Items)).toEqual(sorted(expected));
        await opened.client.send(new PutItemCommand({ TableName: 'things', Item: itemOf(999, 0) }));
      } finally {
        await opened.close();
      }
    }),
    { numRuns: 12 },
  );
}, 60_000);

/** Each page as it was or as it is. */
function mixed(synced: Buffer, written: Buffer, survives: Iterable<boolean>): Buffer {
  const out = Buffer.alloc(written.length);
  const choices = survives[Symbol.iterator]();
  for (let at = 0; at < written.length; at += pageSize) {
    const source = choices.next().value ? written : synced;
    source.subarray(at, at + pageSize).copy(out, at);
  }
  return out;
}

const sorted = (items: readonly object[] | undefined): string[] =>
  (items ?? []).map((item) => JSON.stringify(Object.entries(item).sort())).sort();
