import {
  BatchGetItemCommand,
  BatchWriteItemCommand,
  ConditionalCheckFailedException,
  DescribeTableCommand,
  ExecuteStatementCommand,
  GetItemCommand,
  ListTablesCommand,
  PutItemCommand,
  QueryCommand,
  ScanCommand,
  TransactionCanceledException,
  TransactWriteItemsCommand,
  UpdateItemCommand,
  UpdateTableCommand,
  UpdateTimeToLiveCommand,
} from '@aws-sdk/client-dynamodb';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  createTable,
  type EmbeddedDynamoDb,
  type Item,
  openEmbedded,
} from '../../../system/embedded-dynamodb.ts';

let embedded: EmbeddedDynamoDb;
let nowMs: number;

beforeEach(async () => {
  nowMs = 1_800_000_000_000;
  embedded = await openEmbedded({ nowMs: () => nowMs });
  await createTable(embedded.client, { at: 'N' });
});
afterEach(() => embedded.close());

const put = (sk: string, rest: object = {}) =>
  embedded.client.send(
    new PutItemCommand({ TableName: 'things', Item: { pk: { S: 'a' }, sk: { S: sk }, ...rest } }),
  );

describe('the embedded DynamoDB', () => {
  it('gives back what was put, under any name of an attribute', async () => {
    const odd = Object.fromEntries([
      ['__proto__', { S: 'x' }],
      ['constructor', { N: '1.50' }],
    ]);
    await put('1', { odd: { M: odd } });
    const Key = { pk: { S: 'a' }, sk: { S: '1' } };
    const { Item } = await embedded.client.send(new GetItemCommand({ TableName: 'things', Key }));
    expect(JSON.stringify(Item?.['odd'])).toBe('{"M":{"__proto__":{"S":"x"},"constructor":{"N":"1.5"}}}');
  });

  it('answers queries in the order of numbers, from both ends, page by page', async () => {
    const numbers = ['-1E+100', '-2.5', '-2', '0', '1E-130', '9', '10', '10.01', '1E+100'];
    for (const [index, at] of [...numbers].reverse().entries())
      await put(String(index), { owner: { S: 'o' }, at: { N: at } });
    const pages: number[] = [];
    for (const ScanIndexForward of [true, false]) {
      let start: Item | undefined;
      do {
        const page = await embedded.client.send(
          new QueryCommand({
            TableName: 'things',
            IndexName: 'by-owner',
            KeyConditionExpression: '#o = :o',
            ExpressionAttributeNames: { '#o': 'owner' },
            ExpressionAttributeValues: { ':o': { S: 'o' } },
            Limit: 2,
            ScanIndexForward,
            ...(start && { ExclusiveStartKey: start }),
          }),
        );
        pages.push(...(page.Items ?? []).map((item) => Number(item['at']?.N)));
        start = page.LastEvaluatedKey;
      } while (start !== undefined);
    }
    expect(pages).toEqual([...numbers.map(Number), ...numbers.map(Number).reverse()]);
  });

  it('tells of the item where a condition fails and it is asked for', async () => {
    await put('1', { n: { N: '1' } });
    const failed = embedded.client.send(
      new UpdateItemCommand({
        TableName: 'things',
        Key: { pk: { S: 'a' }, sk: { S: '1' } },
        UpdateExpression: 'SET n = n + :one',
        ConditionExpression: 'n > :one',
        ExpressionAttributeValues: { ':one': { N: '1' } },
        ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
      }),
    );
    await expect(failed).rejects.toThrow(ConditionalCheckFailedException);
    await expect(failed).rejects.toMatchObject({ Item: { n: { N: '1' } } });
  });

  it('does all of a transaction, or nothing and says why', async () => {
    await put('1');
    const item = (sk: string) => ({ pk: { S: 'a' }, sk: { S: sk } });
    const failed = embedded.client.send(
      new TransactWriteItemsCommand({
        TransactItems: [
          { Put: { TableName: 'things', Item: item('2') } },
          { Put: { TableName: 'things', Item: item('1'), ConditionExpression: 'attribute_not_exists(pk)' } },
        ],
      }),
    );
    await expect(failed).rejects.toThrow(TransactionCanceledException);
    await expect(failed).rejects.toThrow(/\[None, ConditionalCheckFailed\]/);
    const { Count } = await embedded.client.send(new ScanCommand({ TableName: 'things' }));
    expect(Count).toBe(1);
  });

  it('lets expired items go, from the index too', async () => {
    await put('gone', { owner: { S: 'o' }, at: { N: '1' }, expires: { N: '1800000100' } });
    await put('stays', { owner: { S: 'o' }, at: { N: '2' }, expires: { N: '1800009999' } });
    const TimeToLiveSpecification = { Enabled: true, AttributeName: 'expires' };
    await embedded.client.send(new UpdateTimeToLiveCommand({ TableName: 'things', TimeToLiveSpecification }));
    nowMs += 200_000;
    await embedded.database.tidy();
    const left = await embedded.client.send(new ScanCommand({ TableName: 'things', IndexName: 'by-owner' }));
    expect(left.Items?.map((item) => item['sk']?.S)).toEqual(['stays']);
    expect((await embedded.client.send(new ScanCommand({ TableName: 'things' }))).Count).toBe(1);
  });

  it('fills an index that is added later', async () => {
    for (let index = 0; index < 450; index++) await put(String(index), { group: { S: 'g' } });
    await embedded.client.send(
      new UpdateTableCommand({
        TableName: 'things',
        AttributeDefinitions: [{ AttributeName: 'group', AttributeType: 'S' }],
        GlobalSecondaryIndexUpdates: [
          {
            Create: {
              IndexName: 'by-group',
              KeySchema: [{ AttributeName: 'group', KeyType: 'HASH' }],
              Projection: { ProjectionType: 'KEYS_ONLY' },
            },
          },
        ],
      }),
    );
    await embedded.database.tidy();
    const { Table } = await embedded.client.send(new DescribeTableCommand({ TableName: 'things' }));
    expect(Table?.GlobalSecondaryIndexes?.map((index) => index.IndexStatus)).toEqual(['ACTIVE', 'ACTIVE']);
    const { Count } = await embedded.client.send(
      new ScanCommand({ TableName: 'things', IndexName: 'by-group' }),
    );
    expect(Count).toBe(450);
  });

  it('keeps everything over a restart', async () => {
    await embedded.client.send(
      new BatchWriteItemCommand({
        RequestItems: { things: [{ PutRequest: { Item: { pk: { S: 'a' }, sk: { S: '1' } } } }] },
      }),
    );
    const { path } = embedded;
    await embedded.database.close();
    const again = await openEmbedded({ path });
    const Keys = [{ pk: { S: 'a' }, sk: { S: '1' } }];
    const { Responses } = await again.client.send(
      new BatchGetItemCommand({ RequestItems: { things: { Keys } } }),
    );
    expect(Responses).toEqual({ things: Keys });
    expect((await again.client.send(new ListTablesCommand({}))).TableNames).toEqual(['things']);
    await again.close();
  });

  it('refuses by name what it does not do', async () => {
    const statement = embedded.client.send(
      new ExecuteStatementCommand({ Statement: 'SELECT * FROM things' }),
    );
    await expect(statement).rejects.toThrow(
      "The local DynamoDB does not do the operation 'ExecuteStatement'",
    );
  });
});
