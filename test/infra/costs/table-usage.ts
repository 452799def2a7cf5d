/**
 * Counts what DynamoDB bills, from inside the process and without changing what is done: each command asks for the
 * capacity that it consumed.
 */
import { DynamoDBClient, GetItemCommand } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import * as z from 'zod';
import type { StoredItem } from './item-size.ts';

const Key = z.object({ pk: z.string(), sk: z.string() });
const Input = z.looseObject({
  TableName: z.string().optional(),
  ConsistentRead: z.boolean().optional(),
  RequestItems: z.record(z.string(), z.looseObject({ ConsistentRead: z.boolean().optional() })).optional(),
  Key: Key.optional(),
  Item: z.looseObject(Key.shape).optional(),
});
const Command = z.object({ input: Input });
const Consumed = z.object({ CapacityUnits: z.number(), Table: z.object({ CapacityUnits: z.number() }) });
const Answer = z.object({
  ConsumedCapacity: z.union([Consumed.transform((one) => [one]), z.array(Consumed)]),
});

export interface Used {
  /** Such as `GetCommand EXECUTION META`. */
  readonly what: string;
  readonly readUnits: number;
  readonly writeUnits: number;
  readonly indexWriteUnits: number;
}

export interface TableUsage {
  /** What was done since this was asked before. */
  taken(): Used[];
  /** An item as it is stored; does not count. */
  stored(table: string, pk: string, sk: string): Promise<StoredItem | undefined>;
  stop(): void;
}

type Send = (this: unknown, command: object) => Promise<unknown>;

export function watchTables(endpoint: string): TableUsage {
  const client = new DynamoDBClient({
    endpoint,
    region: 'us-east-1',
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
  });
  const used: Used[] = [];
  const stored = async (table: string, pk: string, sk: string): Promise<StoredItem | undefined> => {
    const key = { pk: { S: pk }, sk: { S: sk } };
    const { Item } = await client.send(
      new GetItemCommand({ TableName: table, Key: key, ConsistentRead: true }),
    );
    return Item;
  };
  const send: unknown = Reflect.get(DynamoDBDocumentClient.prototype, 'send');
  if (typeof send !== 'function') throw new Error('The AWS SDK client has no send to watch');
  const watched: Send = async function (this: unknown, command) {
    const input = Command.parse(command).input;
    Reflect.set(Object(Reflect.get(command, 'input')), 'ReturnConsumedCapacity', 'INDEXES');
    const { pk, sk } = input.Key ?? input.Item ?? { pk: '', sk: '' };
    const writes = ['PutCommand', 'UpdateCommand', 'DeleteCommand'].includes(command.constructor.name);
    const answer: unknown = await Reflect.apply(send, this, [command]);
    const consumed = Answer.parse(answer).ConsumedCapacity;
    const units = consumed.reduce((sum, one) => sum + one.CapacityUnits, 0);
    const ofTables = consumed.reduce((sum, one) => sum + one.Table.CapacityUnits, 0);
    used.push({
      what: describe(command.constructor.name, input, { pk, sk }),
      readUnits: writes ? 0 : Math.max(units, isConsistent(input) ? 1 : 0.5),
      writeUnits: writes ? ofTables : 0,
      indexWriteUnits: writes ? units - ofTables : 0,
    });
    return answer;
  };
  Reflect.set(DynamoDBDocumentClient.prototype, 'send', watched);
  return {
    taken: () => used.splice(0),
    stored,
    stop() {
      Reflect.set(DynamoDBDocumentClient.prototype, 'send', send);
      client.destroy();
    },
  };
}

/** Even finding nothing is read: half a unit, or a whole one when it is consistent. */
const isConsistent = ({ ConsistentRead, RequestItems }: z.infer<typeof Input>): boolean =>
  ConsistentRead ?? Object.values(RequestItems ?? {}).some((request) => request.ConsistentRead);

/** The word that a key begins with; a time says nothing of what it is. */
function wordOf(key: string): string | undefined {
  const [word = ''] = key.split('#');
  return word === '' || /^\d{4}-/.test(word) ? undefined : word;
}

function describe(command: string, input: z.infer<typeof Input>, { pk, sk }: z.infer<typeof Key>): string {
  const name = command.replace(/Command$/, '');
  const kind = [pk, sk].flatMap((part) => wordOf(part) ?? []).join(' ');
  return [name, kind, isConsistent(input) && 'consistent'].filter((part) => part).join(' ');
}
