/** The size of items as DynamoDB bills it (AWS: DynamoDB item sizes and formats). */
import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import { tableShapes } from '../../../src/aws/model/tables.ts';

export type StoredItem = Record<string, AttributeValue>;

const textBytes = (text: string): number => Buffer.byteLength(text);

/** About one byte for two digits, one for the sign or the exponent, and one more. */
const numberBytes = (text: string): number => Math.ceil(text.replace(/[-.]/g, '').length / 2) + 1;

function valueBytes(value: AttributeValue): number {
  if (value.S !== undefined) return textBytes(value.S);
  if (value.N !== undefined) return numberBytes(value.N);
  if (value.B !== undefined) return value.B.length;
  if (value.L !== undefined) return 3 + value.L.reduce((sum, each) => sum + 1 + valueBytes(each), 0);
  if (value.M !== undefined) return 3 + Object.keys(value.M).length + itemBytes(value.M);
  if (value.BOOL !== undefined || value.NULL !== undefined) return 1;
  throw new Error(`A value of an unknown kind: ${Object.keys(value).join()}`);
}

export const itemBytes = (item: StoredItem): number =>
  Object.entries(item).reduce((sum, [name, value]) => sum + textBytes(name) + valueBytes(value), 0);

/** What the executions table copies of an item into each of its indexes; an item without its keys is not in it. */
export function indexEntries(item: StoredItem | undefined): (StoredItem | undefined)[] {
  const { indexes, projected } = tableShapes.executions;
  return Array.from({ length: indexes }, (_, index) => {
    const keys = [`gsi${index + 1}pk`, `gsi${index + 1}sk`];
    if (!item || keys.some((key) => item[key] === undefined)) return undefined;
    const copied = ['pk', 'sk', ...keys, ...projected];
    return Object.fromEntries(Object.entries(item).filter(([name]) => copied.includes(name)));
  });
}
