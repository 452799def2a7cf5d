/** Values as the API writes them, checked and in one form: numbers without an exponent, base64 as it is written by rule. */

export type AttributeValue =
  | { readonly S: string }
  | { readonly N: string }
  | { readonly B: string }
  | { readonly BOOL: boolean }
  | { readonly NULL: true }
  | { readonly SS: readonly string[] }
  | { readonly NS: readonly string[] }
  | { readonly BS: readonly string[] }
  | { readonly L: readonly AttributeValue[] }
  | { readonly M: Item };

export const valueTypes = ['S', 'N', 'B', 'BOOL', 'NULL', 'SS', 'NS', 'BS', 'L', 'M'] as const;
export type ValueType = (typeof valueTypes)[number];
export type SetType = 'SS' | 'NS' | 'BS';

/** Read and written through the functions below: any name may be one of an attribute, `__proto__` too. */
export type Item = Readonly<Record<string, AttributeValue>>;

export const attributeOf = (item: Item, name: string): AttributeValue | undefined =>
  Object.hasOwn(item, name) ? item[name] : undefined;

export function withAttribute(item: Item, name: string, value: AttributeValue): Item {
  if (name !== '__proto__') return { ...item, [name]: value };
  return Object.fromEntries([...Object.entries(item).filter(([other]) => other !== name), [name, value]]);
}

/** The name of an attribute and what it becomes; undefined: it goes. */
export type AttributeChange = readonly [string, AttributeValue | undefined];

export function withAttributes(item: Item, changes: readonly AttributeChange[]): Item {
  if (changes.length === 0) return item;
  const attributes = new Map<string, AttributeValue | undefined>([...Object.entries(item), ...changes]);
  const present = [...attributes].filter(
    (entry): entry is [string, AttributeValue] => entry[1] !== undefined,
  );
  return Object.fromEntries(present);
}

export const withoutAttribute = (item: Item, name: string): Item =>
  Object.hasOwn(item, name)
    ? Object.fromEntries(Object.entries(item).filter(([other]) => other !== name))
    : item;

export function typeOf(value: AttributeValue): ValueType {
  for (const type of valueTypes) if (type in value) return type;
  throw new TypeError('a value without a type');
}

/** The members of a set; undefined for what is none. */
export function membersOf(value: AttributeValue): readonly string[] | undefined {
  if ('SS' in value) return value.SS;
  if ('NS' in value) return value.NS;
  return 'BS' in value ? value.BS : undefined;
}

export function setOf(type: SetType, members: readonly string[]): AttributeValue {
  if (type === 'SS') return { SS: members };
  return type === 'NS' ? { NS: members } : { BS: members };
}

export const isSetType = (type: ValueType): type is SetType =>
  type === 'SS' || type === 'NS' || type === 'BS';
