/** Inputs as a documented JSON Schema allows them, with names that are registered put in where a name may stand. */
import fc from 'fast-check';
import * as z from 'zod';

const Node = z.looseObject({
  $ref: z.string().optional(),
  anyOf: z.array(z.unknown()).optional(),
  enum: z.array(z.unknown()).optional(),
  const: z.unknown().optional(),
  examples: z.array(z.unknown()).optional(),
  type: z.string().optional(),
  pattern: z.string().optional(),
  minLength: z.number().optional(),
  maxLength: z.number().optional(),
  minimum: z.number().optional(),
  exclusiveMinimum: z.number().optional(),
  maximum: z.number().optional(),
  minItems: z.number().optional(),
  maxItems: z.number().optional(),
  items: z.unknown().optional(),
  properties: z.record(z.string(), z.unknown()).optional(),
  required: z.array(z.string()).optional(),
  additionalProperties: z.unknown().optional(),
  $defs: z.record(z.string(), z.unknown()).optional(),
});
type Node = z.infer<typeof Node>;

/** What a text may be in place of an arbitrary one, by its pattern or by the name of its field. */
export interface Known {
  readonly byPattern: Readonly<Record<string, readonly string[]>>;
  readonly byField: Readonly<Record<string, readonly unknown[]>>;
}

/** Lists and objects inside each other; deeper ones are as small as the schema allows. */
const mostLevels = 8;

/** Values for which the schema holds, but for keywords that these schemas do not use. */
export function inputOf(schema: unknown, known: Known): fc.Arbitrary<unknown> {
  const root = Node.parse(schema);
  const at = (part: unknown, level: number): fc.Arbitrary<unknown> => {
    if (typeof part === 'boolean') return fc.jsonValue({ maxDepth: 2 });
    const node = Node.parse(part);
    const written = writtenIn(node, level);
    return node.examples ? fc.oneof(written, fc.constantFrom(...node.examples)) : written;
  };
  const writtenIn = (node: Node, level: number): fc.Arbitrary<unknown> => {
    if (node.$ref !== undefined) return at(targetOf(root, node.$ref), level);
    if (node.enum) return fc.constantFrom(...node.enum);
    if (node.const !== undefined) return fc.constant(node.const);
    if (node.anyOf) return oneOf(node.anyOf, level);
    if (node.type === 'string') return textOf(node, known);
    if (node.type === 'integer' || node.type === 'number') return numberOf(node);
    if (node.type === 'boolean') return fc.boolean();
    if (node.type === 'null') return fc.constant(null);
    if (node.type === 'array') return listOf(node, level);
    return node.type === 'object' ? objectOf(node, level) : fc.jsonValue({ maxDepth: 2 });
  };
  /** The first where it is deep: its steps are calls, which hold no steps. */
  const oneOf = (parts: readonly unknown[], level: number): fc.Arbitrary<unknown> =>
    fc.oneof(...(level > mostLevels ? parts.slice(0, 1) : parts).map((part) => at(part, level + 1)));
  const listOf = ({ items = true, minItems = 0, maxItems = 3 }: Node, level: number) =>
    fc.array(at(items, level + 1), {
      minLength: minItems,
      maxLength: Math.max(minItems, level > mostLevels ? 0 : Math.min(maxItems, 2)),
    });
  const objectOf = ({ properties = {}, required = [], additionalProperties }: Node, level: number) => {
    const wanted = level > mostLevels ? required : Object.keys(properties);
    const fields = Object.fromEntries(
      wanted.map((name) => [name, fieldIn(name, properties[name], level + 1)] as const),
    );
    const own = fc.record(fields, { requiredKeys: required.filter((name) => name in fields) });
    if (additionalProperties === undefined || additionalProperties === false) return own;
    const others = fc.dictionary(fc.constantFrom('a', 'b-c', 'D_E'), at(additionalProperties, level + 1), {
      maxKeys: 2,
      noNullPrototype: true,
    });
    return fc.tuple(others, own).map(([more, named]) => ({ ...more, ...named }));
  };
  const fieldIn = (name: string, part: unknown, level: number) => {
    const values = known.byField[name];
    return values ? fc.constantFrom(...values) : at(part, level);
  };
  return at(root, 0);
}

const targetOf = ({ $defs = {} }: Node, reference: string): unknown =>
  reference === '#' ? true : $defs[reference.replace('#/$defs/', '')];

function textOf(
  { pattern, minLength = 0, maxLength = 30 }: Node,
  { byPattern }: Known,
): fc.Arbitrary<string> {
  if (pattern === undefined)
    return fc.string({ unit: 'grapheme', minLength, maxLength: Math.min(maxLength, minLength + 30) });
  const any = fc.stringMatching(new RegExp(pattern), { size: 'small' });
  const registered = byPattern[pattern];
  return registered ? fc.oneof(fc.constantFrom(...registered), any) : any;
}

function numberOf({ type, minimum, exclusiveMinimum, maximum = 1_000_000 }: Node): fc.Arbitrary<number> {
  const least = minimum ?? exclusiveMinimum ?? -10;
  if (type === 'integer') return fc.integer({ min: least, max: maximum });
  return fc.double({ min: least, max: maximum, noNaN: true });
}
