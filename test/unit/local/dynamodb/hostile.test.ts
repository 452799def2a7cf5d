/** No request ends the process, blocks it, or gets an answer that is no JSON. */
import { setImmediate } from 'node:timers/promises';
import { PutItemCommand } from '@aws-sdk/client-dynamodb';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTable, type EmbeddedDynamoDb, openEmbedded } from '../../../system/embedded-dynamodb.ts';

let embedded: EmbeddedDynamoDb;

beforeAll(async () => {
  embedded = await openEmbedded();
  await createTable(embedded.client, { at: 'N' });
});
afterAll(() => embedded.close());

async function ask(
  operation: string,
  input: unknown,
): Promise<{ status: number; body: { __type?: string } }> {
  const body = typeof input === 'string' ? input : JSON.stringify(input);
  const answer = await embedded.database.answer({ target: `DynamoDB_20120810.${operation}`, body });
  return { status: answer.status, body: JSON.parse(answer.body) };
}

const operations = [
  'CreateTable',
  'UpdateTable',
  'DescribeTable',
  'ListTables',
  'PutItem',
  'GetItem',
  'UpdateItem',
  'DeleteItem',
  'Query',
  'Scan',
  'BatchGetItem',
  'BatchWriteItem',
  'TransactWriteItems',
  'TransactGetItems',
  'TagResource',
  'UpdateTimeToLive',
];

describe('hostile requests', () => {
  it('answers what is no request of DynamoDB with a fault of the caller', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...operations),
        fc.jsonValue({ maxDepth: 5 }),
        async (operation, input) => {
          expect([200, 400]).toContain((await ask(operation, input)).status);
        },
      ),
      { numRuns: 300 },
    );
  });

  it('answers expressions of any characters with a fault of the caller, or does them', async () => {
    const word = fc.constantFrom(
      'a',
      '#a',
      ':a',
      '(',
      ')',
      'AND',
      'NOT',
      'BETWEEN',
      'IN',
      '=',
      '<>',
      ',',
      '.',
      '[0]',
      'size',
      'SET',
      'REMOVE',
      '+',
      '__proto__',
      '\u{1f600}',
    );
    await fc.assert(
      fc.asyncProperty(
        fc.array(word, { maxLength: 12 }).map((words) => words.join(' ')),
        async (text) => {
          const common = { TableName: 'things', ExpressionAttributeValues: { ':a': { N: '1' } } };
          const Key = { pk: { S: 'x' }, sk: { S: 'y' } };
          for (const input of [{ ConditionExpression: text }, { UpdateExpression: text }])
            expect([200, 400]).toContain((await ask('UpdateItem', { ...common, Key, ...input })).status);
          expect([200, 400]).toContain((await ask('Scan', { ...common, FilterExpression: text })).status);
        },
      ),
      { numRuns: 300 },
    );
  });

  it.each([
    ['parentheses', { ConditionExpression: `${'('.repeat(2000)}a${')'.repeat(2000)}` }],
    ['calls', { ConditionExpression: `${'size('.repeat(600)}a${')'.repeat(600)} = :a` }],
    ['negations', { ConditionExpression: `${'NOT '.repeat(1000)} a = :a` }],
  ])('refuses %s nested without end', async (_, input) => {
    const Item = { pk: { S: 'x' }, sk: { S: 'y' } };
    const values = { ExpressionAttributeValues: { ':a': { N: '1' } } };
    expect((await ask('PutItem', { TableName: 'things', Item, ...input, ...values })).status).toBe(400);
  });

  it('refuses values nested without end, and numbers without end', async () => {
    const deep = `{"TableName":"things","Item":${'{"L":['.repeat(5000)}${']}'.repeat(5000)}}`;
    expect((await ask('PutItem', deep)).body.__type).toContain('SerializationException');
    const Item = { pk: { S: 'x' }, sk: { S: 'y' }, n: { N: `1e${'9'.repeat(400)}` } };
    expect((await ask('PutItem', { TableName: 'things', Item })).body.__type).toContain(
      'ValidationException',
    );
  });

  it('lets others have their turn while a scan looks at very many items', async () => {
    for (let index = 0; index < 6000; index += 1)
      embedded.database.answer({
        target: 'DynamoDB_20120810.PutItem',
        body: JSON.stringify({ TableName: 'things', Item: { pk: { S: String(index) }, sk: { S: 'y' } } }),
      });
    let turns = 0;
    let scanning = true;
    const scan = ask('Scan', {
      TableName: 'things',
      FilterExpression: Array.from({ length: 60 }, (_, index) => `contains(a${index}, :a)`).join(' OR '),
      ExpressionAttributeValues: { ':a': { S: 'z' } },
    }).finally(() => {
      scanning = false;
    });
    while (scanning) {
      turns += 1;
      await setImmediate();
    }
    expect((await scan).status).toBe(200);
    expect(turns).toBeGreaterThan(2);
    await embedded.client.send(
      new PutItemCommand({ TableName: 'things', Item: { pk: { S: 'z' }, sk: { S: 'z' } } }),
    );
  });
});
