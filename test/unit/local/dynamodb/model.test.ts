/** Whatever is put, updated and deleted, tables and indexes answer as a list of items would that is sorted and filtered. */
import {
  type AttributeValue,
  DeleteItemCommand,
  PutItemCommand,
  QueryCommand,
  ScanCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import {
  createTable,
  type EmbeddedDynamoDb,
  type Item,
  openEmbedded,
} from '../../../system/embedded-dynamodb.ts';

let embedded: EmbeddedDynamoDb;
let tables = 0;

beforeAll(async () => {
  embedded = await openEmbedded();
});
afterAll(() => embedded.close());

/** Few values, so that they meet; some begin with others, and some end in the largest byte. */
const binary = fc.constantFrom(
  '',
  'AA==',
  'AAA=',
  'Af8=',
  '/w==',
  '//8=',
  '//8A',
  'AQIDBAUGBwg=',
  'AQIDBAUGBwgA',
);
const number = fc.oneof(
  fc.integer({ min: -30, max: 30 }).map(String),
  fc.constantFrom(
    '-1.5',
    '0.001',
    '-0.001',
    '123456789012345678901234567890.12345678',
    '1e125',
    '-1e125',
    '1e-130',
  ),
);
const key = fc.record({ pk: fc.constantFrom('a', 'b'), sk: binary.filter((bytes) => bytes !== '') });
const indexed = fc.record({ owner: fc.constantFrom('o', 'p'), at: number });
const change = fc.oneof(
  fc.record({ type: fc.constant('put' as const), key, indexed: fc.option(indexed, { nil: undefined }) }),
  fc.record({ type: fc.constant('move' as const), key, indexed }),
  fc.record({ type: fc.constant('leave' as const), key }),
  fc.record({ type: fc.constant('delete' as const), key }),
);
type Change = typeof change extends fc.Arbitrary<infer T> ? T : never;
type Model = Map<string, Item>;

const keyOf = ({ pk, sk }: { pk: string; sk: string }): Item => ({
  pk: { S: pk },
  sk: { B: new Uint8Array(Buffer.from(sk, 'base64')) },
});
const indexOf = ({ owner, at }: { owner: string; at: string }): Item => ({
  owner: { S: owner },
  at: { N: at },
});

async function apply(TableName: string, model: Model, one: Change): Promise<void> {
  const Key = keyOf(one.key);
  const place = JSON.stringify(one.key);
  const old = model.get(place) ?? Key;
  if (one.type === 'delete') {
    model.delete(place);
    await embedded.client.send(new DeleteItemCommand({ TableName, Key }));
  } else if (one.type === 'put') {
    const item = { ...Key, ...(one.indexed && indexOf(one.indexed)) };
    model.set(place, item);
    await embedded.client.send(new PutItemCommand({ TableName, Item: item }));
  } else if (one.type === 'move') {
    const { owner, at } = indexOf(one.indexed);
    model.set(place, { ...old, ...indexOf(one.indexed) });
    await embedded.client.send(
      new UpdateItemCommand({
        TableName,
        Key,
        UpdateExpression: 'SET #o = :o, #a = :a',
        ExpressionAttributeNames: { '#o': 'owner', '#a': 'at' },
        ExpressionAttributeValues: { ':o': owner ?? { S: '' }, ':a': at ?? { N: '0' } },
      }),
    );
  } else {
    const { owner: _, ...rest } = old;
    model.set(place, rest);
    await embedded.client.send(
      new UpdateItemCommand({
        TableName,
        Key,
        UpdateExpression: 'REMOVE #o',
        ExpressionAttributeNames: { '#o': 'owner' },
      }),
    );
  }
}

const bytesOf = (value: AttributeValue | undefined): Buffer => Buffer.from(value?.B ?? []);
const shownKey = (item: Item): string => `${item['pk']?.S} ${bytesOf(item['sk']).toString('hex')}`;

async function all(input: ConstructorParameters<typeof QueryCommand>[0]): Promise<Item[]> {
  const items: Item[] = [];
  let start: Item | undefined;
  do {
    const page = await embedded.client.send(
      new QueryCommand({ ...input, ...(start && { ExclusiveStartKey: start }) }),
    );
    items.push(...(page.Items ?? []));
    start = page.LastEvaluatedKey;
  } while (start !== undefined);
  return items;
}

it('answers as a sorted and filtered list would', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(change, { minLength: 1, maxLength: 40 }),
      fc.record({ from: binary, limit: fc.integer({ min: 1, max: 4 }), forward: fc.boolean(), at: number }),
      async (changes, { from, limit, forward, at }) => {
        const TableName = await createTable(embedded.client, { name: `model-${tables++}`, sk: 'B', at: 'N' });
        const model: Model = new Map();
        for (const one of changes) await apply(TableName, model, one);
        const items = [...model.values()];

        const scanned = await embedded.client.send(new ScanCommand({ TableName }));
        expect(scanned.Items?.map(shownKey).sort()).toEqual(items.map(shownKey).sort());

        const prefix = Buffer.from(from, 'base64');
        const own = items.filter((item) => item['pk']?.S === 'a');
        const sorted = own.sort((one, other) => Buffer.compare(bytesOf(one['sk']), bytesOf(other['sk'])));
        const expected = sorted.filter((item) =>
          bytesOf(item['sk']).subarray(0, prefix.length).equals(prefix),
        );
        const begun = await all({
          TableName,
          KeyConditionExpression: 'pk = :p AND begins_with(sk, :s)',
          ExpressionAttributeValues: { ':p': { S: 'a' }, ':s': { B: new Uint8Array(prefix) } },
          ScanIndexForward: forward,
          Limit: limit,
        });
        expect(begun.map(shownKey)).toEqual((forward ? expected : expected.reverse()).map(shownKey));

        const owned = items.filter((item) => item['owner']?.S === 'o' && Number(item['at']?.N) >= Number(at));
        const found = await all({
          TableName,
          IndexName: 'by-owner',
          KeyConditionExpression: '#o = :o AND #a >= :a',
          ExpressionAttributeNames: { '#o': 'owner', '#a': 'at' },
          ExpressionAttributeValues: { ':o': { S: 'o' }, ':a': { N: at } },
          ScanIndexForward: forward,
          Limit: limit,
        });
        const times = found.map((item) => Number(item['at']?.N));
        expect(times).toEqual([...times].sort((one, other) => (forward ? one - other : other - one)));
        expect(found.map(shownKey).sort()).toEqual(owned.map(shownKey).sort());
      },
    ),
    { numRuns: 60 },
  );
}, 60_000);
