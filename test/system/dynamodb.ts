/** The embedded DynamoDB for a test: empty and its own, on 127.0.0.1 and a free port. */
import { type LocalDynamoDb, startDynamoDb } from '../../local/dynamodb/start.ts';

export type TestDynamoDb = Omit<LocalDynamoDb, 'url'> & { readonly url: string };

export async function startTestDynamoDb({ path }: { path: string }): Promise<TestDynamoDb> {
  const database = await startDynamoDb({ path, host: '127.0.0.1', port: 0 });
  const { url } = database;
  if (url === undefined) throw new Error('the database does not listen');
  return { ...database, url };
}
