/** The access table by single signed requests, without the SDK: what lets callers in has to start fast. */
import * as z from 'zod/mini';
import { createSignedPost, type SignedPostConfig } from '../aws/signed-post.ts';
import type { AccessPlace, AccessRecords } from './access-records.ts';

export interface SignedRecordsConfig extends Omit<SignedPostConfig, 'service' | 'version'> {
  readonly table: string;
}

/** Records of callers hold texts and numbers, and a number is its text here. */
const Item = z.record(z.string(), z.object({ S: z.optional(z.string()), N: z.optional(z.string()) }));
const Answer = z.object({ Item: z.optional(Item) });

export function createSignedRecords({ table, ...config }: SignedRecordsConfig): AccessRecords {
  const post = createSignedPost({ ...config, service: 'dynamodb', version: '1.0' });
  const keyed = ({ pk, sk }: AccessPlace) => ({ TableName: table, Key: { pk: { S: pk }, sk: { S: sk } } });
  return {
    async get(place) {
      const text = await post('DynamoDB_20120810.GetItem', { ...keyed(place), ConsistentRead: true });
      const { Item: found } = Answer.parse(JSON.parse(text));
      return found && Object.fromEntries(Object.entries(found).map(([name, { S, N }]) => [name, S ?? N]));
    },
    async noteUse(place, { at, unlessAfter }) {
      await post('DynamoDB_20120810.UpdateItem', {
        ...keyed(place),
        UpdateExpression: 'SET lastUsedAt = :at',
        ConditionExpression:
          'attribute_exists(pk) AND (attribute_not_exists(lastUsedAt) OR lastUsedAt <= :after)',
        ExpressionAttributeValues: { ':at': { S: at }, ':after': { S: unlessAfter } },
      });
    },
    async countFailure(place, { at, expiresAtEpochSeconds }) {
      await post('DynamoDB_20120810.UpdateItem', {
        ...keyed(place),
        UpdateExpression: 'ADD failures :one SET failedAt = :at, expiresAtEpochSeconds = :until',
        ExpressionAttributeValues: {
          ':one': { N: '1' },
          ':at': { S: at },
          ':until': { N: String(expiresAtEpochSeconds) },
        },
      });
    },
    async forgetFailures(place) {
      await post('DynamoDB_20120810.UpdateItem', {
        ...keyed(place),
        UpdateExpression: 'REMOVE failures',
      });
    },
  };
}
