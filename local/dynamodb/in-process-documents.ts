/**
 * The requests of tables, answered in this process: below the class that holds the table's calls, and above the SDK, whose
 * middleware costs more than the store does (ADR 25).
 */
import type { Documents, Item } from '../../src/aws/documents.ts';
import { ApiError } from './api-error.ts';
import type { Database } from './database.ts';
import { SharedTurn } from './shared-turn.ts';
import type { Item as Attributes } from './values/attribute-value.ts';
import { toAttributes, toPlain } from './values/plain-values.ts';

/** As the SDK is told to: what the store could not do is asked for again. */
const attempts = 4;
const pauseMs = 20;

/**
 * The store could not, several times: that is a fault of the platform, so it has the name that Lambda has for those, and
 * Step Functions tries the step again whatever its author says.
 */
class StoreFault extends Error {
  constructor(cause: unknown) {
    super(`The store failed: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
    this.name = 'Lambda.ServiceException';
  }
}

/** What the store answers, as far as tables look at it. */
interface Answers {
  readonly GetItem: { readonly Item?: Attributes };
  readonly BatchGetItem: {
    readonly Responses: Readonly<Record<string, Attributes[]>>;
    readonly UnprocessedKeys: Readonly<Record<string, { readonly Keys: Attributes[] }>>;
  };
  readonly Query: { readonly Items: Attributes[]; readonly LastEvaluatedKey?: Attributes };
  readonly PutItem: object;
  readonly UpdateItem: object;
  readonly DeleteItem: object;
}

/** Of a database that belongs to the system, and is closed with it. */
export function inProcessDocuments(database: Database): Documents {
  const turn = new SharedTurn();
  const ask = async <Name extends keyof Answers>(operation: Name, input: object): Promise<Answers[Name]> => {
    await turn.mine();
    return asked(database, operation, input);
  };
  const write = (operation: 'PutItem' | 'UpdateItem' | 'DeleteItem', input: object): Promise<boolean> =>
    ask(operation, input).then(() => true, failedCondition);
  return {
    async get({ Key, ...input }) {
      const { Item } = await ask('GetItem', { ...input, Key: stored(Key) });
      return Item && toPlain(Item);
    },
    async batchGet({ RequestItems = {}, ...input }) {
      const { Responses, UnprocessedKeys } = await ask('BatchGetItem', {
        ...input,
        RequestItems: mapped(RequestItems, ({ Keys = [], ...request }) => ({
          ...request,
          Keys: Keys.map(stored),
        })),
      });
      return {
        found: mapped(Responses, (items) => items.map(toPlain)),
        unprocessed: mapped(UnprocessedKeys, ({ Keys }) => ({ Keys: Keys.map(toPlain) })),
      };
    },
    async query({ ExclusiveStartKey: after, ...input }) {
      const { Items, LastEvaluatedKey: next } = await ask('Query', {
        ...withValues(input),
        ...(after && { ExclusiveStartKey: stored(after) }),
      });
      return { items: Items.map(toPlain), next: next && toPlain(next) };
    },
    put: async ({ Item, ...input }) => write('PutItem', { ...withValues(input), Item: stored(Item) }),
    update: async ({ Key, ...input }) => write('UpdateItem', { ...withValues(input), Key: stored(Key) }),
    delete: async ({ Key, ...input }) => write('DeleteItem', { ...withValues(input), Key: stored(Key) }),
    close: () => undefined,
  };
}

async function asked<Name extends keyof Answers>(
  database: Database,
  operation: Name,
  input: object,
): Promise<Answers[Name]> {
  for (let attempt = 1; ; attempt++) {
    try {
      return JSON.parse(await database.perform(operation, input));
    } catch (error) {
      if (error instanceof ApiError) throw error;
      if (attempt === attempts) throw new StoreFault(error);
      console.error('The local DynamoDB failed, and is asked again:', error);
      await new Promise((resolve) => setTimeout(resolve, pauseMs * attempt));
    }
  }
}

function failedCondition(error: unknown): false {
  if (error instanceof ApiError && error.type === 'ConditionalCheckFailedException') return false;
  throw error;
}

const stored = (item: Item | undefined): Attributes => toAttributes(item ?? {});

const withValues = <Input extends { ExpressionAttributeValues?: Item | undefined }>({
  ExpressionAttributeValues: values,
  ...input
}: Input) => ({ ...input, ...(values && { ExpressionAttributeValues: stored(values) }) });

const mapped = <From, To>(
  record: Readonly<Record<string, From>>,
  change: (value: From) => To,
): Record<string, To> =>
  Object.fromEntries(Object.entries(record).map(([name, value]) => [name, change(value)]));
