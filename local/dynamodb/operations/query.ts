import * as z from 'zod';
import { invalid } from '../api-error.ts';
import {
  bindKeyCondition,
  type KeyCondition,
  keyConditionOf,
  type SortRange,
} from '../expressions/key-condition.ts';
import { LegacyConditions, legacyCondition, legacyKeyConditions } from '../expressions/legacy.ts';
import { References } from '../expressions/references.ts';
import type { Range } from '../storage/environment.ts';
import { partitionRange, rangeAfter, type SortBounds } from '../storage/keys.ts';
import type { AttributeValue, Item } from '../values/attribute-value.ts';
import { afterAllOf, orderedBytes } from '../values/ordered-bytes.ts';
import { parseItem } from '../values/parse-value.ts';
import { boundCondition, checkParameters, projectionOf } from './expressions.ts';
import { checkFilterNames } from './filters.ts';
import { Expression, maybe, worded } from './input.ts';
import { operation } from './operation.ts';
import { isWhole, LegacyFilter, readFields } from './read-input.ts';
import { readPage } from './read-page.ts';
import { ReadSource } from './read-source.ts';
import { tableOf } from './tables.ts';

const Query = z.object({
  ...readFields,
  Limit: maybe(
    z
      .int()
      .min(
        1,
        worded(
          "1 validation error detected: Value at 'Limit' failed to satisfy constraint: Member must have value greater than or equal to 1",
        ),
      ),
  ),
  ScanIndexForward: maybe(z.boolean()),
  KeyConditions: maybe(LegacyConditions),
  QueryFilter: LegacyFilter,
  KeyConditionExpression: Expression,
});
type Query = z.infer<typeof Query>;

export const query = operation(Query, (context, input) => {
  checkParameters(input, {
    expressions: ['FilterExpression', 'KeyConditionExpression', 'ProjectionExpression'],
    others: ['AttributesToGet', 'QueryFilter', 'ConditionalOperator', 'KeyConditions'],
  });
  const references = new References(input);
  const filter =
    input.FilterExpression !== undefined
      ? boundCondition('FilterExpression', input.FilterExpression, references)
      : input.QueryFilter && legacyCondition(input.QueryFilter, input.ConditionalOperator);
  const projection = projectionOf(input, references);
  if (input.KeyConditionExpression === undefined && input.KeyConditions === undefined)
    throw invalid(
      'Either the KeyConditions or KeyConditionExpression parameter must be specified in the request.',
    );
  const start = input.ExclusiveStartKey === undefined ? undefined : parseItem(input.ExclusiveStartKey);
  const table = tableOf(context, input.TableName);
  const source = new ReadSource(context.store, table, input.IndexName);
  const condition = keyCondition(input, source, references);
  references.checkAllUsed();
  checkFilterNames(filter, source);
  const whole = isWhole(source, input, projection);
  const range: Range = {
    ...partitionRange(
      { id: source.id, isIndex: source.index !== undefined },
      condition.hash,
      boundsOf(condition.range),
    ),
    backwards: input.ScanIndexForward === false,
  };
  return readPage(context.store, {
    source,
    range: start === undefined ? range : afterStart(range, source, start),
    limit: input.Limit,
    filter,
    projection,
    whole,
    countOnly: input.Select === 'COUNT',
    consistent: input.ConsistentRead === true,
    shown: input.ReturnConsumedCapacity,
  });
});

function keyCondition(input: Query, { keys }: ReadSource, references: References): KeyCondition {
  if (input.KeyConditionExpression !== undefined)
    return bindKeyCondition(input.KeyConditionExpression, references, keys);
  return keyConditionOf(legacyKeyConditions(input.KeyConditions ?? {}), keys);
}

function afterStart(range: Range, source: ReadSource, start: Item): Range {
  const place = source.placeOf(start);
  if (Buffer.compare(place, range.from) < 0 || Buffer.compare(place, range.to) >= 0)
    throw invalid('The provided starting key is outside query boundaries based on provided conditions');
  return rangeAfter(range, place);
}

function boundsOf(range: SortRange | undefined): SortBounds {
  if (range === undefined) return {};
  if (range.type === 'between')
    return {
      from: { bytes: bytesOf(range.lower), exclusive: false },
      to: { bytes: bytesOf(range.upper), exclusive: false },
    };
  const bytes = bytesOf(range.value);
  switch (range.type) {
    case '=':
      return { from: { bytes, exclusive: false }, to: { bytes, exclusive: false } };
    case '<':
    case '<=':
      return { to: { bytes, exclusive: range.type === '<' } };
    case '>':
    case '>=':
      return { from: { bytes, exclusive: range.type === '>' } };
    case 'begins_with': {
      const end = afterAllOf(bytes);
      return { from: { bytes, exclusive: false }, ...(end && { to: { bytes: end, exclusive: true } }) };
    }
  }
}

function bytesOf(value: AttributeValue): Buffer {
  const bytes = orderedBytes(value);
  if (bytes === undefined) throw new TypeError('a condition on a key whose value is no key');
  return bytes;
}
