/**
 * Risk: the data of a release that kept its tables with dynalite is lost, or half of it taken over, in silence.
 * @module-tag long
 */
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { promisify } from 'node:util';
import { DynamoDBClient, PutItemCommand, QueryCommand } from '@aws-sdk/client-dynamodb';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { createTable, openEmbedded } from '../system/embedded-dynamodb.ts';
import { freePort } from '../system/free-port.ts';
import { onDemand, present } from '../system/on-demand.ts';
import { StartCommand } from '../system/start-command.ts';

const run = promisify(execFile);
let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'orchestrator-dynalite-'));
});
afterEach(() => rm(folder, { recursive: true, force: true, maxRetries: 5 }));

it('is refused with the command that takes it over', async () => {
  const command = await StartCommand.prepare();
  await mkdir(command.data('dynamodb'), { recursive: true });
  await writeFile(command.data('dynamodb', 'CURRENT'), 'MANIFEST-000001\n');
  const { code, complaints } = await command.run({});
  await command.close();
  expect(code).toBe(1);
  expect(complaints).toContain(`ORCHESTRATOR_DATA_DIR='${command.data()}' npm run migrate`);
}, 60_000);

it('is taken over whole, and kept', async (context) => {
  const dynalite = await onDemand({
    name: 'dynalite',
    contents: 'dynalite@4.0.0',
    boundMs: 120_000,
    make: async (into, signal) => {
      const args = [
        'install',
        '--prefix',
        into,
        '--no-audit',
        '--no-fund',
        '--no-package-lock',
        'dynalite@4.0.0',
      ];
      await run('npm', args, { signal });
    },
  });
  present(dynalite, context);
  if ('skipped' in dynalite) return;
  const path = join(folder, 'dynamodb');
  const port = await freePort();
  const program = join(dynalite.folder, 'node_modules', 'dynalite', 'cli.js');
  const old = spawn(process.execPath, [program, '--port', String(port), '--path', path], { stdio: 'ignore' });
  const client = new DynamoDBClient({
    endpoint: `http://127.0.0.1:${port}`,
    region: 'us-east-1',
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
  });
  await expect
    .poll(() => createTable(client, { at: 'N' }).catch(() => undefined), { timeout: 20_000 })
    .toBe('things');
  await setTimeout(1500);
  for (let number = 0; number < 60; number++)
    await client.send(
      new PutItemCommand({
        TableName: 'things',
        Item: { pk: { S: 'p' }, sk: { S: String(number) }, owner: { S: 'o' }, at: { N: String(number) } },
      }),
    );
  client.destroy();
  old.kill();
  await once(old, 'exit');

  await run('npm', ['run', 'migrate'], { env: { ...process.env, ORCHESTRATOR_DATA_DIR: folder } });

  const names = await readdir(folder);
  expect(names).toEqual(expect.arrayContaining(['dynamodb', 'dynamodb.dynalite']));
  const opened = await openEmbedded({ path });
  const { Items } = await opened.client.send(
    new QueryCommand({
      TableName: 'things',
      IndexName: 'by-owner',
      KeyConditionExpression: '#o = :o',
      ExpressionAttributeNames: { '#o': 'owner' },
      ExpressionAttributeValues: { ':o': { S: 'o' } },
    }),
  );
  await opened.close();
  expect(Items?.map(({ at }) => at?.N)).toEqual(Array.from({ length: 60 }, (_, number) => String(number)));
}, 240_000);
