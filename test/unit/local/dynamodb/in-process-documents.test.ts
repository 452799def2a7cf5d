/** Tables are asked without the SDK in local mode, and with it on AWS: both ways have to be the same. */
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { inProcessHandler } from '../../../../local/aws-endpoint/in-process.ts';
import type { Database } from '../../../../local/dynamodb/database.ts';
import { inProcessDocuments } from '../../../../local/dynamodb/in-process-documents.ts';
import type { Documents } from '../../../../src/aws/documents.ts';
import { sdkDocuments } from '../../../../src/aws/sdk-documents.ts';
import { createTable, type EmbeddedDynamoDb, openEmbedded } from '../../../system/embedded-dynamodb.ts';

let embedded: EmbeddedDynamoDb;
let ways: Readonly<Record<'own' | 'sdk', Documents>>;

beforeEach(async () => {
  embedded = await openEmbedded();
  await createTable(embedded.client);
  const sdk = sdkDocuments({
    endpoint: 'http://dynamodb.local',
    region: 'us-east-1',
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
    requestHandler: inProcessHandler(embedded.database.answer),
  });
  ways = { own: inProcessDocuments(embedded.database), sdk };
});
afterEach(async () => {
  ways.sdk.close();
  await embedded.close();
});

const TableName = 'things';
const key = { pk: 'a', sk: 'b' };

/** What of both ways is to be equal: the value, or the name of the error. */
const outcome = (asked: Promise<unknown>): Promise<unknown> =>
  asked.catch((error: unknown) => (error instanceof Error ? error.name : 'no error'));

describe('tables that are asked in process', () => {
  it('store and read any value of JSON, and bytes, as the SDK does', async () => {
    const value = fc.oneof(
      fc.jsonValue({ maxDepth: 6 }),
      fc.uint8Array({ minLength: 1 }),
      fc.constant(undefined),
    );
    // The SDK sets a member of that name as the prototype, where it is lost.
    const anyAttributes = fc
      .dictionary(fc.string({ minLength: 1 }), value)
      .filter((attributes) => !JSON.stringify(attributes).includes('__proto__'));
    await fc.assert(
      fc.asyncProperty(anyAttributes, async (attributes) => {
        const Item = { ...attributes, ...key };
        const [written, read] = [
          outcome(ways.own.put({ TableName, Item })),
          outcome(ways.sdk.put({ TableName, Item })),
        ];
        expect(await written).toEqual(await read);
        await outcome(ways.own.put({ TableName, Item }));
        const bySdk = await ways.sdk.get({ TableName, Key: key });
        expect(await ways.own.get({ TableName, Key: key })).toEqual(bySdk);
        await outcome(ways.sdk.put({ TableName, Item }));
        expect(await ways.sdk.get({ TableName, Key: key })).toEqual(bySdk);
      }),
      { numRuns: 200 },
    );
  });

  it.each([
    ['2 ** 53 + 2', 2 ** 53 + 2],
    ['1.1e100', 1.1e100],
    ['-0', -0],
    ['a name of a class', { constructor: 'x' }],
    ['a list with gaps', [1, undefined, 2]],
    ['infinity', Number.POSITIVE_INFINITY],
    ['a large number', 1e300],
  ])('do with %s what the SDK does', async (_name, value) => {
    const seen = [];
    for (const way of [ways.own, ways.sdk]) {
      await way.delete({ TableName, Key: key });
      const put = await outcome(way.put({ TableName, Item: { ...key, value } }));
      seen.push([put === true, await way.get({ TableName, Key: key })]);
    }
    expect(seen[0]).toEqual(seen[1]);
  });

  it.each(['own', 'sdk'] as const)('answer false to a condition that fails (%s)', async (way) => {
    const absent = { ConditionExpression: 'attribute_not_exists(pk)' };
    expect(await ways[way].put({ TableName, Item: key, ...absent })).toBe(true);
    expect(await ways[way].put({ TableName, Item: key, ...absent })).toBe(false);
    expect(await ways[way].delete({ TableName, Key: key, ...absent })).toBe(false);
    const update = { UpdateExpression: 'SET n = :n', ExpressionAttributeValues: { ':n': 1 } };
    expect(await ways[way].update({ TableName, Key: key, ...update, ...absent })).toBe(false);
    expect(await ways[way].get({ TableName, Key: key })).toEqual(key);
  });

  it.each(['own', 'sdk'] as const)('throw what DynamoDB refuses, by its name (%s)', async (way) => {
    const unknown = ways[way].get({ TableName: 'no-such-table', Key: key });
    await expect(unknown).rejects.toThrow(expect.objectContaining({ name: 'ResourceNotFoundException' }));
    const wrong = ways[way].put({ TableName, Item: key, ConditionExpression: 'nonsense(' });
    await expect(wrong).rejects.toThrow(expect.objectContaining({ name: 'ValidationException' }));
  });

  it('let others have their turn during a long chain of requests', async () => {
    let turns = 0;
    const counting = setInterval(() => turns++, 0);
    const began = performance.now();
    while (performance.now() - began < 300) await ways.own.get({ TableName, Key: key });
    clearInterval(counting);
    expect(turns).toBeGreaterThanOrEqual(5);
  });

  it('are asked again when the store failed, and give up after the fourth time', async () => {
    const said = vi.spyOn(console, 'error').mockImplementation(() => undefined);
    let failures = 3;
    const failing: Database = {
      ...embedded.database,
      perform(operation, input) {
        if (failures-- > 0) throw new Error('the disk is gone');
        return embedded.database.perform(operation, input);
      },
    };
    const documents = inProcessDocuments(failing);
    expect(await documents.put({ TableName, Item: key })).toBe(true);
    failures = 4;
    await expect(documents.get({ TableName, Key: key })).rejects.toThrow('the disk is gone');
    expect(said).toHaveBeenCalledTimes(6);
    said.mockRestore();
  });
});
