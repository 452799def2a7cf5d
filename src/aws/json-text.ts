/**
 * Values that others decide (inputs, outputs, arguments, schemas) are kept as JSON text in `<field>Text`: as
 * attributes, DynamoDB would take at most 32 levels, and no integer above 2^53 and no number above 1e126.
 */
import type { Item } from './documents.ts';

const textOf = (field: string): string => `${field}Text`;

/** The item with these fields as texts. */
export function withTexts(item: Item, fields: readonly string[]): Item {
  const kept = Object.entries(item).map(([name, value]): [string, unknown] =>
    fields.includes(name) && value !== undefined ? [textOf(name), JSON.stringify(value)] : [name, value],
  );
  return Object.fromEntries(kept);
}

/** The item with these fields as values again. */
export function withValues(item: Item, fields: readonly string[]): Item {
  const values = fields.flatMap((field): [string, unknown][] => {
    const text = item[textOf(field)];
    return typeof text === 'string' ? [[field, JSON.parse(text)]] : [];
  });
  return { ...item, ...Object.fromEntries(values) };
}
