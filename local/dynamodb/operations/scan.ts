import * as z from 'zod';
import { invalid } from '../api-error.ts';
import { legacyCondition } from '../expressions/legacy.ts';
import { References } from '../expressions/references.ts';
import { allOf, rangeAfter, segmentOf } from '../storage/keys.ts';
import { parseItem } from '../values/parse-value.ts';
import { boundCondition, checkParameters, projectionOf } from './expressions.ts';
import { maybe } from './input.ts';
import { operation } from './operation.ts';
import { isWhole, LegacyFilter, readFields } from './read-input.ts';
import { readPage } from './read-page.ts';
import { ReadSource } from './read-source.ts';
import { tableOf } from './tables.ts';

const Scan = z.object({
  ...readFields,
  Limit: maybe(z.int().min(1)),
  ScanFilter: LegacyFilter,
  TotalSegments: maybe(z.int().min(1).max(1_000_000)),
  Segment: maybe(z.int().min(0).max(999_999)),
});
type Scan = z.infer<typeof Scan>;

export const scan = operation(Scan, (context, input) => {
  checkParameters(input, {
    expressions: ['FilterExpression', 'ProjectionExpression'],
    others: ['AttributesToGet', 'ScanFilter', 'ConditionalOperator'],
  });
  checkSegments(input);
  const references = new References(input);
  const filter =
    input.FilterExpression !== undefined
      ? boundCondition('FilterExpression', input.FilterExpression, references)
      : input.ScanFilter && legacyCondition(input.ScanFilter, input.ConditionalOperator);
  const projection = projectionOf(input, references);
  references.checkAllUsed();
  const start = input.ExclusiveStartKey === undefined ? undefined : parseItem(input.ExclusiveStartKey);
  const table = tableOf(context, input.TableName);
  const source = new ReadSource(context.store, table, input.IndexName);
  const { Segment: segment = 0, TotalSegments: total } = input;
  const range = total === undefined ? allOf(source.id) : segmentOf(source.id, segment, total);
  return readPage(context.store, {
    source,
    range: start === undefined ? range : rangeAfter(range, source.placeOf(start)),
    limit: input.Limit,
    filter,
    projection,
    whole: isWhole(source, input, projection),
    countOnly: input.Select === 'COUNT',
    consistent: input.ConsistentRead === true,
    shown: input.ReturnConsumedCapacity,
  });
});

function checkSegments({ Segment: segment, TotalSegments: total }: Scan): void {
  if (segment === undefined && total === undefined) return;
  if (total === undefined)
    throw invalid(
      'The TotalSegments parameter is required but was not present in the request when Segment parameter is present',
    );
  if (segment === undefined)
    throw invalid(
      'The Segment parameter is required but was not present in the request when parameter TotalSegments is present',
    );
  if (segment >= total)
    throw invalid(
      `The Segment parameter is zero-based and must be less than parameter TotalSegments: Segment: ${segment} is not less than TotalSegments: ${total}`,
    );
}
