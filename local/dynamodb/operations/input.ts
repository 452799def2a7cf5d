/** Faults of a request in the words of AWS, all of them at once, from what zod finds. */
import * as z from 'zod';
import { invalid, notReadable } from '../api-error.ts';

/** What is empty is too short, and not of a wrong form too. */
export const tableNamePattern = /^$|^[a-zA-Z0-9_.-]+$/;

/** As operations on data take it; one that makes a table wants three characters. */
export const TableName = z.string().min(1).max(255).regex(tableNamePattern);

export const ReturnConsumedCapacity = z.enum(['INDEXES', 'TOTAL', 'NONE']);
export const ReturnItemCollectionMetrics = z.enum(['SIZE', 'NONE']);

/** Null means that nothing was said. */
export const maybe = <T extends z.ZodType>(schema: T) =>
  z.preprocess((value) => (value === null ? undefined : value), schema.optional());

export const Expression = maybe(z.string());

export const placeholders = {
  ExpressionAttributeNames: maybe(z.record(z.string(), z.string())),
  ExpressionAttributeValues: maybe(z.record(z.string(), z.unknown())),
};

/** Items and keys are checked value by value. */
export const Attributes = z.custom<Record<string, unknown>>((value) => value !== undefined && value !== null);

export function parseInput<Input>(schema: z.ZodType<Input>, body: unknown): Input {
  const parsed = schema.safeParse(body);
  if (parsed.success) return parsed.data;
  // Only who is refused is told what was sent: keeping it at hand takes a third of the time.
  const { error = parsed.error } = schema.safeParse(body, { reportInput: true });
  const faults = error.issues.map((issue) => faultOf(issue));
  const unreadable = faults.find((fault) => fault.type === 'unreadable');
  if (unreadable) throw notReadable(unreadable.text);
  const own = faults.find(({ type }) => type === 'own');
  if (own) throw invalid(own.text);
  const count = `${faults.length} validation error${faults.length > 1 ? 's' : ''} detected`;
  throw invalid(`${count}: ${faults.map(({ text }) => text).join('; ')}`);
}

interface Fault {
  /** `own`: the whole message is the schema's. */
  readonly type: 'constraint' | 'unreadable' | 'own';
  readonly text: string;
}

const ownPrefix = 'message: ';

/** The message of a schema that DynamoDB words in a way of its own. */
export const worded = (message: string): string => `${ownPrefix}${message}`;

function faultOf(issue: z.core.$ZodIssue): Fault {
  if (issue.message.startsWith(ownPrefix))
    return { type: 'own', text: issue.message.slice(ownPrefix.length) };
  const missing = issue.input === undefined || issue.input === null;
  if ((issue.code === 'invalid_type' || issue.code === 'custom') && !missing)
    return { type: 'unreadable', text: `Unexpected value type at ${placeOf(issue.path)}` };
  const value = missing ? 'null' : `'${shown(issue.input)}'`;
  const text = `Value ${value} at '${placeOf(issue.path)}' failed to satisfy constraint: ${constraintOf(issue, missing)}`;
  return { type: 'constraint', text };
}

function constraintOf(issue: z.core.$ZodIssue, missing: boolean): string {
  if (missing) return 'Member must not be null';
  switch (issue.code) {
    case 'too_small':
      return `Member must have ${measured(issue.origin)} greater than or equal to ${issue.minimum}`;
    case 'too_big':
      return `Member must have ${measured(issue.origin)} less than or equal to ${issue.maximum}`;
    case 'invalid_value':
      return `Member must satisfy enum value set: [${issue.values.join(', ')}]`;
    case 'invalid_format':
      return `Member must satisfy regular expression pattern: ${patternOf(String(issue.pattern))}`;
    default:
      return issue.message;
  }
}

const patternOf = (pattern: string): string => pattern.replace(/^\/(\^\$\|)?\^?|\$?\/$/g, '');

const measured = (origin: string): string => (origin === 'number' || origin === 'int' ? 'value' : 'length');

/** `keySchema.1.member.keyType`. */
function placeOf(path: readonly PropertyKey[]): string {
  return path
    .map((part) => (typeof part === 'number' ? `${part + 1}.member` : lowered(String(part))))
    .join('.');
}

const lowered = (name: string): string => name.charAt(0).toLowerCase() + name.slice(1);

const longestShown = 2000;

function shown(input: unknown): string {
  if (!Array.isArray(input)) return cut(member(input));
  return `[${cut(input.map(member).join(', '))}]`;
}

const cut = (text: string): string => (text.length > longestShown ? `${text.slice(0, longestShown)}…` : text);

function member(input: unknown): string {
  if (typeof input !== 'object' || input === null) return String(input);
  const fields = Object.entries(input).map(([name, value]) => {
    const text = typeof value === 'object' ? JSON.stringify(value) : String(value);
    return `${lowered(name)}=${text}`;
  });
  return 'KeyType' in input ? `KeySchemaElement(${fields.join(', ')})` : `{${fields.join(', ')}}`;
}
