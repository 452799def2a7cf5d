/**
 * One DynamoDB table behind the few calls that the stores make. Every write says its condition, and a
 * failed condition is an answer (`false`), not an error; everything else that DynamoDB throws goes up.
 */
import type { Documents, Item, Page } from './documents.ts';

export interface Key {
  readonly pk: string;
  readonly sk: string;
}

export interface Condition {
  readonly expression: string;
  readonly names?: Record<string, string>;
  readonly values?: Item;
}

export interface Update {
  readonly set?: Item;
  readonly remove?: readonly string[];
  /** Appends to list attributes, creating them. */
  readonly append?: Record<string, readonly unknown[]>;
  /** Adds to numbers, which begin at 0. */
  readonly add?: Readonly<Record<string, number>>;
  readonly condition?: Condition;
}

export interface QueryOptions {
  readonly index?: `gsi${number}`;
  readonly pk: string;
  /** Only sort keys in this range, both ends included. */
  readonly between?: readonly [string, string];
  readonly beginsWith?: string;
  readonly newestFirst?: boolean;
  readonly limit?: number;
  readonly after?: Item;
  readonly consistent?: boolean;
}

const conditionInput = (condition: Condition | undefined) =>
  condition === undefined
    ? {}
    : {
        ConditionExpression: condition.expression,
        ...(condition.names && { ExpressionAttributeNames: condition.names }),
        ...(condition.values && { ExpressionAttributeValues: condition.values }),
      };

export class Table {
  readonly name: string;
  readonly #documents: Documents;

  constructor(documents: Documents, name: string) {
    this.#documents = documents;
    this.name = name;
  }

  get(key: Key, { consistent = false } = {}): Promise<Item | undefined> {
    return this.#documents.get({ TableName: this.name, Key: { ...key }, ConsistentRead: consistent });
  }

  /** Strongly consistent; in the order of the keys. Throws when DynamoDB keeps leaving keys unprocessed. */
  async getAll(keys: readonly Key[]): Promise<(Item | undefined)[]> {
    const found: Item[] = [];
    let pending: Item[] = keys.map((key) => ({ ...key }));
    for (let round = 0; pending.length > 0; round++) {
      if (round === 5) throw new Error(`table ${this.name} left keys unprocessed in five rounds`);
      const answer = await this.#documents.batchGet({
        RequestItems: { [this.name]: { Keys: pending, ConsistentRead: true } },
      });
      found.push(...(answer.found[this.name] ?? []));
      pending = answer.unprocessed[this.name]?.Keys ?? [];
    }
    return keys.map((key) => found.find((item) => item['pk'] === key.pk && item['sk'] === key.sk));
  }

  put(item: Key & Item, condition?: Condition): Promise<boolean> {
    return this.#documents.put({ TableName: this.name, Item: item, ...conditionInput(condition) });
  }

  update(key: Key, update: Update): Promise<boolean> {
    return this.#documents.update({ TableName: this.name, Key: { ...key }, ...updateInput(update) });
  }

  delete(key: Key, condition?: Condition): Promise<boolean> {
    return this.#documents.delete({ TableName: this.name, Key: { ...key }, ...conditionInput(condition) });
  }

  query(options: QueryOptions): Promise<Page> {
    return this.#documents.query({ TableName: this.name, ...queryInput(options) });
  }

  /** At most `limit` items; `next` only where another one follows, which DynamoDB does not promise of its own. */
  async page({ limit, ...options }: QueryOptions & { readonly limit: number }): Promise<Page> {
    const { items, next } = await this.query({ ...options, limit: limit + 1 });
    const last = items[limit - 1];
    if (items.length <= limit || last === undefined) return { items, next };
    return { items: items.slice(0, limit), next: keyOf(last, options.index) };
  }

  /** Every item of a partition, page after page. */
  async queryAll(options: QueryOptions): Promise<Item[]> {
    const items: Item[] = [];
    let after: Item | undefined;
    do {
      const page = await this.query({ ...options, ...(after && { after }) });
      items.push(...page.items);
      after = page.next;
    } while (after);
    return items;
  }
}

/** What a query goes on after: the key of an item, and its key in the index. */
export function keyOf(item: Item, index?: QueryOptions['index']): Record<string, string> {
  const names = ['pk', 'sk', ...(index ? [`${index}pk`, `${index}sk`] : [])];
  return Object.fromEntries(names.map((name) => [name, String(item[name])]));
}

function updateInput({ set = {}, remove = [], append = {}, add = {}, condition }: Update) {
  const names: Record<string, string> = { ...condition?.names };
  const values: Item = { ...condition?.values };
  const sets: string[] = [];
  for (const [name, value] of Object.entries(set)) {
    if (value === undefined) continue;
    names[`#${name}`] = name;
    values[`:${name}`] = value;
    sets.push(`#${name} = :${name}`);
  }
  for (const [name, added] of Object.entries(append)) {
    names[`#${name}`] = name;
    values[`:${name}`] = added;
    values[':none'] = [];
    sets.push(`#${name} = list_append(if_not_exists(#${name}, :none), :${name})`);
  }
  for (const [name, value] of Object.entries(add)) {
    names[`#${name}`] = name;
    values[`:${name}`] = value;
  }
  for (const name of remove) names[`#${name}`] = name;
  const clauses = [
    ...(sets.length > 0 ? [`SET ${sets.join(', ')}`] : []),
    ...(remove.length > 0 ? [`REMOVE ${remove.map((name) => `#${name}`).join(', ')}`] : []),
    ...(Object.keys(add).length > 0
      ? [
          `ADD ${Object.keys(add)
            .map((name) => `#${name} :${name}`)
            .join(', ')}`,
        ]
      : []),
  ];
  return {
    UpdateExpression: clauses.join(' '),
    ...(condition && { ConditionExpression: condition.expression }),
    ExpressionAttributeNames: names,
    ...(Object.keys(values).length > 0 && { ExpressionAttributeValues: values }),
  };
}

function queryInput(options: QueryOptions) {
  const { index, pk, between, beginsWith, newestFirst = false, limit, after, consistent } = options;
  const [pkName, skName] = index ? [`${index}pk`, `${index}sk`] : ['pk', 'sk'];
  const range = between
    ? ' AND #sk BETWEEN :from AND :to'
    : beginsWith
      ? ' AND begins_with(#sk, :prefix)'
      : '';
  return {
    ...(index && { IndexName: index }),
    KeyConditionExpression: `#pk = :pk${range}`,
    ExpressionAttributeNames: { '#pk': pkName, ...(range !== '' && { '#sk': skName }) },
    ExpressionAttributeValues: {
      ':pk': pk,
      ...(between && { ':from': between[0], ':to': between[1] }),
      ...(!between && beginsWith && { ':prefix': beginsWith }),
    },
    ScanIndexForward: !newestFirst,
    ...(limit && { Limit: limit }),
    ...(after && { ExclusiveStartKey: after }),
    ...(consistent && { ConsistentRead: true }),
  };
}
