/** What queries and scans take both. */
import * as z from 'zod';
import { invalid, invalidValue } from '../api-error.ts';
import { ConditionalOperator, LegacyConditions } from '../expressions/legacy.ts';
import type { Path } from '../expressions/references.ts';
import { Expression, maybe, placeholders, ReturnConsumedCapacity, TableName } from './input.ts';
import type { ReadSource } from './read-source.ts';

const Select = z.enum(['SPECIFIC_ATTRIBUTES', 'COUNT', 'ALL_ATTRIBUTES', 'ALL_PROJECTED_ATTRIBUTES']);

export const readFields = {
  TableName,
  IndexName: maybe(
    z
      .string()
      .min(3)
      .max(255)
      .regex(/^[a-zA-Z0-9_.-]+$/),
  ),
  Select: maybe(Select),
  AttributesToGet: maybe(z.array(z.string()).min(1)),
  ConditionalOperator: maybe(ConditionalOperator),
  ExclusiveStartKey: maybe(z.unknown()),
  ReturnConsumedCapacity: maybe(ReturnConsumedCapacity),
  ProjectionExpression: Expression,
  FilterExpression: Expression,
  ConsistentRead: maybe(z.boolean()),
  ...placeholders,
};
export const LegacyFilter = maybe(LegacyConditions);

interface Selection {
  readonly Select?: z.infer<typeof Select> | undefined;
  readonly ConsistentRead?: boolean | undefined;
  readonly ProjectionExpression?: string | undefined;
  readonly AttributesToGet?: readonly string[] | undefined;
}

/** Whether the items are read from the table too; throws when what is asked for cannot be had from the source. */
export function isWhole(
  source: ReadSource,
  input: Selection,
  projection: readonly Path[] | undefined,
): boolean {
  const { Select: select } = input;
  const { index } = source;
  if (input.ConsistentRead === true && index?.scope === 'global')
    throw invalid('Consistent reads are not supported on global secondary indexes');
  checkSelect(input, index !== undefined);
  if (index === undefined) return true;
  const asked = projection?.map(([name]) => String(name)) ?? [];
  const needsTable = select === 'ALL_ATTRIBUTES' || asked.some((name) => !source.holds(name));
  if (!needsTable || index.projection.type === 'ALL') return false;
  if (index.scope === 'local') return true;
  throw select === 'ALL_ATTRIBUTES'
    ? invalidValue(
        `Select type ALL_ATTRIBUTES is not supported for global secondary index ${index.name} because its projection type is not ALL`,
      )
    : invalidValue(
        `Global secondary index ${index.name} does not project ${asked.filter((name) => !source.holds(name)).join(', ')}`,
      );
}

function checkSelect({ Select: select, ...input }: Selection, isIndex: boolean): void {
  const parameter = input.AttributesToGet ? 'AttributesToGet' : 'ProjectionExpression';
  const names = input.AttributesToGet !== undefined || input.ProjectionExpression !== undefined;
  if (names && select !== undefined && select !== 'SPECIFIC_ATTRIBUTES')
    throw invalid(
      select === 'COUNT'
        ? `Cannot specify the ${parameter} when choosing to get only the Count`
        : `Cannot specify the ${parameter} when choosing to get ${select}`,
    );
  if (!names && select === 'SPECIFIC_ATTRIBUTES')
    throw invalid(`Must specify the AttributesToGet or ProjectionExpression when choosing to get ${select}`);
  if (select === 'ALL_PROJECTED_ATTRIBUTES' && !isIndex)
    throw invalidValue('ALL_PROJECTED_ATTRIBUTES can be used only when Querying using an IndexName');
}
