/** What CreateTable and UpdateTable take, and what of it cannot be. */
import * as z from 'zod';
import { type ApiError, invalid, invalidValue } from '../api-error.ts';
import type { KeyAttribute, KeySchema, SecondaryIndex, Throughput } from '../storage/table-definition.ts';
import { maybe, tableNamePattern } from './input.ts';

export const NewTableName = z.string().min(3).max(255).regex(tableNamePattern);
const Name = z.string().min(1).max(255);

const ThroughputInput = z.object({
  ReadCapacityUnits: z.int().min(1),
  WriteCapacityUnits: z.int().min(1),
});
export const ProvisionedThroughput = maybe(ThroughputInput);

export const AttributeDefinition = z.object({ AttributeName: Name, AttributeType: z.enum(['B', 'N', 'S']) });
type AttributeDefinition = z.infer<typeof AttributeDefinition>;

export const KeySchemaInput = z
  .array(z.object({ AttributeName: Name, KeyType: z.enum(['HASH', 'RANGE']) }))
  .min(1)
  .max(2);
type KeySchemaInput = z.infer<typeof KeySchemaInput>;

const IndexName = z.string().min(3).max(255).regex(tableNamePattern);

const Projection = z.object({
  ProjectionType: maybe(z.enum(['ALL', 'INCLUDE', 'KEYS_ONLY'])),
  NonKeyAttributes: maybe(z.array(Name).min(1).max(20)),
});
type Projection = z.infer<typeof Projection>;

export const LocalIndex = z.object({ IndexName, KeySchema: KeySchemaInput, Projection });
export const GlobalIndex = LocalIndex.extend({ ProvisionedThroughput });
export type GlobalIndex = z.infer<typeof GlobalIndex>;

export const noThroughput: Throughput = { ReadCapacityUnits: 0, WriteCapacityUnits: 0 };

export const attributesOf = (definitions: readonly AttributeDefinition[]): KeyAttribute[] =>
  definitions.map(({ AttributeName: name, AttributeType: type }) => ({ name, type }));

/** Throws unless it is a partition key, perhaps followed by a sort key, and both are defined. */
export function keysOf(schema: KeySchemaInput, attributes: readonly KeyAttribute[]): KeySchema {
  const [hash, range] = schema;
  if (hash?.KeyType !== 'HASH')
    throw invalid('Invalid KeySchema: The first KeySchemaElement is not a HASH key type');
  if (range !== undefined && range.KeyType !== 'RANGE')
    throw invalid('Invalid KeySchema: The second KeySchemaElement is not a RANGE key type');
  if (range?.AttributeName === hash.AttributeName)
    throw attributes.length < 2
      ? invalid('Invalid KeySchema: Some index key attribute have no definition')
      : invalid('Both the Hash Key and the Range Key element in the KeySchema have the same name');
  const defined = (name: string): KeyAttribute => {
    const attribute = attributes.find((one) => one.name === name);
    if (attribute === undefined) throw undefinedKey(schema, attributes);
    return attribute;
  };
  return {
    hash: defined(hash.AttributeName),
    ...(range && { range: defined(range.AttributeName) }),
  };
}

const undefinedKey = (schema: KeySchemaInput, attributes: readonly KeyAttribute[]): ApiError =>
  invalidValue(
    `Some index key attributes are not defined in AttributeDefinitions. Keys: [${schema.map(({ AttributeName }) => AttributeName).join(', ')}], AttributeDefinitions: [${attributes.map(({ name }) => name).join(', ')}]`,
  );

export function projectionOf({
  ProjectionType: type,
  NonKeyAttributes: names,
}: Projection): SecondaryIndex['projection'] {
  if (type === undefined) throw invalidValue('Unknown ProjectionType: null');
  if (type === 'INCLUDE' && names === undefined)
    throw invalidValue('ProjectionType is INCLUDE, but NonKeyAttributes is not specified');
  if (type !== 'INCLUDE' && names !== undefined)
    throw invalidValue(`ProjectionType is ${type}, but NonKeyAttributes is specified`);
  return { type, attributes: [...(names ?? [])] };
}

/** Throws unless every attribute that is defined is one of a key. */
export function checkAllUsed(attributes: readonly KeyAttribute[], schemas: readonly KeySchema[]): void {
  const used = new Set(schemas.flatMap(({ hash, range }) => [hash.name, ...(range ? [range.name] : [])]));
  const names = attributes.map(({ name }) => name);
  if (new Set(names).size < names.length)
    throw invalidValue('Duplicate AttributeName in AttributeDefinitions');
  if (used.size < names.length)
    throw invalidValue(
      `Some AttributeDefinitions are not used. AttributeDefinitions: [${names.join(', ')}], keys used: [${[...used].join(', ')}]`,
    );
}

export function checkThroughput(throughput: Throughput | undefined, onDemand: boolean): void {
  if (onDemand && throughput !== undefined)
    throw invalidValue(
      'Neither ReadCapacityUnits nor WriteCapacityUnits can be specified when BillingMode is PAY_PER_REQUEST',
    );
  if (!onDemand && throughput === undefined)
    throw invalidValue(
      'ReadCapacityUnits and WriteCapacityUnits must both be specified when BillingMode is PROVISIONED',
    );
}
