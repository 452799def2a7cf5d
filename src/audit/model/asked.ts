/**
 * What a record keeps of an input: enough to see what was asked, and no payload. Payloads are left out by the names of
 * their fields, at any depth; what has the name or form of a secret is redacted.
 */
import { redactText, redactValue } from '../../base/redact.ts';
import type { AuditTargets } from './audit-event.ts';

/** Of workflows, of calls, of manifests, and of what drivers start. */
const payloads = new Set([
  'arguments',
  'args',
  'body',
  'command',
  'context',
  'data',
  'definition',
  'env',
  'environment',
  'headers',
  'input',
  'manifest',
  'output',
  'parameters',
  'result',
  'server',
  'settings',
  'steps',
  'variables',
  'yaml',
]);

const leftOut = '[left out]';
const mostCharacters = 200;
const mostEntries = 20;
const deepest = 4;
/** Of the whole text. */
const mostText = 2_000;

const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null;

const cut = (text: string, most = mostCharacters): string =>
  text.length > most ? `${text.slice(0, most)}…` : text;

/** As JSON of at most 2,000 characters; of more only the names of the fields. */
export function askedText(input: unknown): string {
  if (!isObject(input)) return '{}';
  const text = JSON.stringify(redactValue(shortened(input, 0)));
  if (text.length <= mostText) return text;
  const fields = Object.keys(input)
    .slice(0, mostEntries)
    .map((name) => cut(redactText(name), 64));
  return JSON.stringify({ fields, leftOut: 'too long' });
}

function shortened(value: unknown, depth: number): unknown {
  if (typeof value === 'string') return cut(redactText(value));
  if (!isObject(value)) return value;
  if (depth >= deepest) return leftOut;
  if (Array.isArray(value)) return value.slice(0, mostEntries).map((part) => shortened(part, depth + 1));
  const entries = Object.entries(value).slice(0, mostEntries * 2);
  return Object.fromEntries(
    entries.map(([name, part]): [string, unknown] => [
      cut(redactText(name), 64),
      shortenedField(name, part, depth),
    ]),
  );
}

function shortenedField(name: string, part: unknown, depth: number): unknown {
  if (payloads.has(name.toLowerCase())) return leftOut;
  if (/ur[il]$/i.test(name) && typeof part === 'string') return originOf(part);
  return shortened(part, depth + 1);
}

/** Paths and queries of webhooks may be their secrets. */
function originOf(url: string): string {
  const [, scheme, host] = /^([a-z][a-z0-9+.-]{0,20}):\/\/(?:[^\s/?#]*@)?([^\s/?#@]{1,253})/i.exec(url) ?? [];
  return host === undefined ? leftOut : cut(`${scheme}://${host}`);
}

type Fields = Readonly<Record<string, unknown>>;

const fieldsOf = (value: unknown): Fields => (isObject(value) ? { ...value } : {});

function textIn(fields: Fields, name: string): string | undefined {
  const value = Object.hasOwn(fields, name) ? fields[name] : undefined;
  return typeof value === 'string' && value !== '' ? cut(redactText(value)) : undefined;
}

/** What an operation is about, by the fields that operations have in common; `name` is of what the operation is called after. */
export function targetsOf(operation: string, input: unknown): AuditTargets {
  const fields = fieldsOf(input);
  const name = textIn(fields, 'name');
  const named = namedBy(operation);
  return {
    service: textIn(fields, 'service') ?? (named === 'service' ? name : undefined),
    workflow: textIn(fields, 'workflow') ?? (named === 'workflow' ? name : undefined),
    execution: textIn(fields, 'workflowId'),
    change: textIn(fields, 'changeId'),
    instance: textIn(fields, 'instance') ?? (/_instance$/.test(operation) ? textIn(fields, 'id') : undefined),
    other: textIn(fields, 'keyId') ?? textIn(fields, 'webhookId') ?? (named === 'other' ? name : undefined),
  };
}

function namedBy(operation: string): 'service' | 'workflow' | 'other' {
  if (operation.includes('service')) return 'service';
  return operation.includes('workflow') ? 'workflow' : 'other';
}

export const reasonIn = (input: unknown): string | undefined => {
  const fields = fieldsOf(input);
  return textIn(fields, 'reason') ?? textIn(fields, 'comment');
};

/** The id of what an operation made, as its answer names it: a change, an execution, or what else has an id. */
export function madeIn(output: unknown): string | undefined {
  const fields = fieldsOf(output);
  return (
    textIn(fieldsOf(fields['change']), 'changeId') ?? textIn(fields, 'workflowId') ?? textIn(fields, 'id')
  );
}
