/** The regular expressions that stand in a JSON Schema, which has been read without a fault. */
import { pathText } from '../../base/faults.ts';
import { fieldOf, isList, isObject } from '../../base/json-value.ts';

export interface PlacedPattern {
  readonly path: string;
  readonly source: string;
}

/** Keywords whose value is data, whatever it looks like. */
const data: ReadonlySet<string> = new Set(['const', 'default', 'enum', 'examples']);

export function patternsIn(schema: unknown): PlacedPattern[] {
  const found: PlacedPattern[] = [];
  look(schema, [], found);
  return found;
}

function look(value: unknown, path: readonly (string | number)[], found: PlacedPattern[]): void {
  if (isList(value)) {
    for (const [index, item] of value.entries()) look(item, [...path, index], found);
    return;
  }
  if (!isObject(value)) return;
  const pattern = fieldOf(value, 'pattern');
  if (typeof pattern === 'string') found.push({ path: pathText([...path, 'pattern']), source: pattern });
  const named = fieldOf(value, 'patternProperties');
  if (isObject(named))
    for (const source of Object.keys(named))
      found.push({ path: pathText([...path, 'patternProperties', source]), source });
  for (const [name, inner] of Object.entries(value)) if (!data.has(name)) look(inner, [...path, name], found);
}
