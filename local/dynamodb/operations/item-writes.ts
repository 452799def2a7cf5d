/** What PutItem, UpdateItem, DeleteItem and the actions of a transaction have in common: from input to a planned write. */
import * as z from 'zod';
import { invalid, invalidValue } from '../api-error.ts';
import { applyUpdate } from '../expressions/apply-update.ts';
import {
  ConditionalOperator,
  LegacyConditions,
  type LegacyUpdates,
  legacyUpdate,
} from '../expressions/legacy.ts';
import { parseUpdate } from '../expressions/parse-update.ts';
import { type Path, References } from '../expressions/references.ts';
import { bindUpdate, changedPaths } from '../expressions/update.ts';
import type { TableDefinition } from '../storage/table-definition.ts';
import { parseItem } from '../values/parse-value.ts';
import { itemSize, largestItem } from '../values/size.ts';
import { checkParameters, conditionOf } from './expressions.ts';
import { Attributes, Expression, maybe, placeholders, TableName } from './input.ts';
import { keyOf, keyOfItem } from './keys.ts';
import type { OperationContext } from './operation.ts';
import { tableOf } from './tables.ts';
import { putTooLarge, updateTooLarge, type Write } from './writes.ts';

const OnFailure = maybe(z.enum(['ALL_OLD', 'NONE']));

const conditional = {
  ConditionExpression: Expression,
  ...placeholders,
  ReturnValuesOnConditionCheckFailure: OnFailure,
};
export const legacyConditional = {
  Expected: maybe(LegacyConditions),
  ConditionalOperator: maybe(ConditionalOperator),
};

export const Put = z.object({ TableName, Item: Attributes, ...conditional });
export const Delete = z.object({ TableName, Key: Attributes, ...conditional });
export const Update = z.object({ TableName, Key: Attributes, UpdateExpression: Expression, ...conditional });
export const ConditionCheck = z.object({ TableName, Key: Attributes, ...conditional });

type WithLegacy<T> = T & {
  readonly Expected?: LegacyConditions | undefined;
  readonly ConditionalOperator?: 'AND' | 'OR' | undefined;
};
type Input<T extends z.ZodType> = WithLegacy<z.infer<T>>;

const conditionParameters = { expressions: ['ConditionExpression'], others: ['Expected'] };

/** Everything of a request that can be said before its table is looked at. */
interface Planned {
  readonly tableName: string;
  readonly plan: (table: TableDefinition) => Write;
}

export const resolved = (context: OperationContext, { tableName, plan }: Planned): Write =>
  plan(tableOf(context, tableName));

export function plannedPut(input: Input<typeof Put>): Planned {
  checkParameters(input, conditionParameters);
  const item = parseItem(input.Item);
  const base = conditionPart(input);
  if (itemSize(item) > largestItem) throw invalid(putTooLarge);
  return {
    tableName: input.TableName,
    plan: (table) => ({
      ...base,
      table,
      key: keyOfItem(table, item),
      next: () => item,
      tooLarge: putTooLarge,
    }),
  };
}

export function plannedDelete(input: Input<typeof Delete>): Planned {
  checkParameters(input, conditionParameters);
  const key = parseItem(input.Key);
  const base = conditionPart(input);
  return {
    tableName: input.TableName,
    plan: (table) => ({
      ...base,
      table,
      key: keyOf(table, key),
      next: () => undefined,
      tooLarge: putTooLarge,
    }),
  };
}

export function plannedCheck(input: Input<typeof ConditionCheck>): Planned {
  const key = parseItem(input.Key);
  const base = conditionPart(input);
  if (base.condition === undefined)
    throw invalid(
      "Value null at 'conditionExpression' failed to satisfy constraint: Member must not be null",
    );
  return {
    tableName: input.TableName,
    plan: (table) => ({ ...base, table, key: keyOf(table, key), next: (old) => old, tooLarge: putTooLarge }),
  };
}

/** Also the paths that are changed, which a caller may ask for. */
export function plannedUpdate(
  input: Input<typeof Update> & { readonly AttributeUpdates?: LegacyUpdates | undefined },
): Planned & { readonly changed: readonly Path[] } {
  checkParameters(input, {
    expressions: ['UpdateExpression', 'ConditionExpression'],
    others: ['AttributeUpdates', 'Expected'],
  });
  const key = parseItem(input.Key);
  const references = new References(input);
  const update = updateOf(input, references);
  const base = conditionPart(input, references);
  return {
    tableName: input.TableName,
    changed: changedPaths(update),
    plan: (table) => {
      const values = keyOf(table, key);
      checkKeyStays(table, update);
      const next: Write['next'] = (old) => applyUpdate(update, old ?? key);
      return { ...base, table, key: values, next, tooLarge: updateTooLarge };
    },
  };
}

function updateOf(
  {
    UpdateExpression: text,
    AttributeUpdates: updates,
  }: {
    readonly UpdateExpression?: string | undefined;
    readonly AttributeUpdates?: LegacyUpdates | undefined;
  },
  references: References,
): BoundUpdate {
  if (text !== undefined) return bindUpdate(parseUpdate(text), references);
  return legacyUpdate(updates ?? {});
}

type BoundUpdate = ReturnType<typeof bindUpdate>;

function checkKeyStays({ keys }: TableDefinition, update: BoundUpdate): void {
  const names = new Set([keys.hash.name, keys.range?.name]);
  for (const [name] of changedPaths(update))
    if (typeof name === 'string' && names.has(name))
      throw invalidValue(`Cannot update attribute ${name}. This attribute is part of the key`);
}

function conditionPart(
  input: WithLegacy<z.infer<typeof ConditionCheck>> | Input<typeof Put>,
  references = new References(input),
): Pick<Write, 'condition' | 'tellsItem'> {
  const condition = conditionOf(input, references);
  references.checkAllUsed();
  return { condition, tellsItem: input.ReturnValuesOnConditionCheckFailure === 'ALL_OLD' };
}
