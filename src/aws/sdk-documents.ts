/** The requests of tables, made by the SDK. */
import {
  ConditionalCheckFailedException,
  DynamoDBClient,
  type DynamoDBClientConfig,
} from '@aws-sdk/client-dynamodb';
import {
  BatchGetCommand,
  DeleteCommand,
  DynamoDBDocumentClient,
  GetCommand,
  PutCommand,
  QueryCommand,
  UpdateCommand,
} from '@aws-sdk/lib-dynamodb';
import type { Documents } from './documents.ts';

export function sdkDocuments(config: DynamoDBClientConfig): Documents {
  const client = DynamoDBDocumentClient.from(new DynamoDBClient({ maxAttempts: 4, ...config }), {
    // Numbers of JSON are doubles already: neither way may refuse, or round again, a large one. An object with a
    // key `constructor` is taken for an instance of a class, and then refused.
    marshallOptions: {
      removeUndefinedValues: true,
      allowImpreciseNumbers: true,
      convertClassInstanceToMap: true,
    },
    unmarshallOptions: { wrapNumbers: Number },
  });
  return {
    get: async (input) => (await client.send(new GetCommand(input))).Item,
    async batchGet(input) {
      const { Responses = {}, UnprocessedKeys = {} } = await client.send(new BatchGetCommand(input));
      return { found: Responses, unprocessed: UnprocessedKeys };
    },
    async query(input) {
      const { Items = [], LastEvaluatedKey } = await client.send(new QueryCommand(input));
      return { items: Items, next: LastEvaluatedKey };
    },
    put: (input) => unlessConditionFails(client.send(new PutCommand(input))),
    update: (input) => unlessConditionFails(client.send(new UpdateCommand(input))),
    delete: (input) => unlessConditionFails(client.send(new DeleteCommand(input))),
    close: () => client.destroy(),
  };
}

async function unlessConditionFails(write: Promise<unknown>): Promise<boolean> {
  try {
    await write;
    return true;
  } catch (error) {
    if (error instanceof ConditionalCheckFailedException) return false;
    throw error;
  }
}
