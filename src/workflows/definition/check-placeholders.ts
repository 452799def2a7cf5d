/**
 * Texts that look as if a value were to be put into them, in the way of some other language: `$input.id`,
 * `{{input.id}}`, `${input.id}`. They are sent as they stand, so whoever wrote one probably meant an expression. And fields
 * that are read in the way of another language: `$input["id"]`.
 */
import type { Fault } from '../../base/errors.ts';
import { nodesIn, parseExpression } from '../../expressions/model/syntax-tree.ts';
import { fieldPath, isExpression, itemPath, sourceOf, textsOf } from '../../expressions/model/template.ts';
import { stepIdPattern, type WorkflowDefinition } from './definition.ts';
import { walkSteps } from './steps.ts';
import { sitesOf } from './visibility.ts';

/** What is proposed instead is shown up to this length. */
const longestProposal = 200;

/** Each text of the definition that looks like an expression in the way of another language. */
export function placeholderFaults(definition: Pick<WorkflowDefinition, 'steps' | 'output'>): Fault[] {
  const pattern = placeholderPattern(namesIn(definition));
  return [...sitesOf(definition)].flatMap(({ template, path }) => [
    ...[...textsOf(template, path)].flatMap(({ path: at, text }) => textFaults(text, at, pattern)),
    ...jsonPathKeys(template, path),
  ]);
}

function namesIn(definition: Pick<WorkflowDefinition, 'steps'>): string[] {
  const walked = [...walkSteps(definition)];
  const items = walked.flatMap(({ step }) => ('forEach' in step ? [step.forEach.as] : []));
  const names = [...walked.map(({ id }) => id), ...items].filter((name) => stepIdPattern.test(name));
  return ['input', 'execution', ...new Set(names)];
}

/** Of the forms with braces, one that has single ones names a field too: `{input}` may be anything. */
function placeholderPattern(names: readonly string[]): RegExp {
  const name = `(?:steps\\.)?(?:${names.join('|')})`;
  const field = '(?:\\.[A-Za-z_][A-Za-z0-9_]*|\\[[^\\]{}]{0,40}\\])';
  const reference = `\\$?(${name}${field}*)`;
  const withField = `(${name}${field}+)`;
  const forms = [
    `\\$?\\{\\{\\s*${reference}\\s*\\}\\}`,
    `\\$\\{\\s*${reference}\\s*\\}`,
    `\\{\\s*\\$?${withField}\\s*\\}`,
    `(?<![\\w$\\\\])\\$${withField}`,
    `^\\$(${name})$`,
  ];
  return new RegExp(forms.join('|'), 'g');
}

interface Placeholder {
  readonly start: number;
  readonly end: number;
  /** What was meant, as an expression writes it. */
  readonly reference: string;
}

const placeholdersIn = (text: string, pattern: RegExp): Placeholder[] =>
  [...text.matchAll(pattern)].map((match) => {
    const [whole, ...groups] = match;
    const named = groups.find((group) => group !== undefined) ?? whole;
    const end = match.index + whole.length;
    return { start: match.index, end, reference: `$${named.replace(/^steps\./, '')}` };
  });

function textFaults(text: string, path: string, pattern: RegExp): Fault[] {
  if (isExpression(text)) {
    const source = sourceOf(text);
    return [...quotedFaults(source, path, pattern), ...bracketFaults(source, path)];
  }
  const placeholders = placeholdersIn(text, pattern);
  if (placeholders.length === 0) return [];
  const message = `is a text and not an expression, so it is used as it stands; write ${proposal(text, placeholders)}`;
  return [{ path, message }];
}

function proposal(text: string, placeholders: readonly Placeholder[]): string {
  const parts: string[] = [];
  let at = 0;
  const literal = (end: number): void => {
    if (end > at) parts.push(JSON.stringify(text.slice(at, end)));
  };
  for (const { start, end, reference } of placeholders) {
    literal(start);
    parts.push(reference);
    at = end;
  }
  literal(text.length);
  const whole = `{% ${parts.join(' & ')} %}`;
  return whole.length <= longestProposal ? whole : `{% … & ${placeholders[0]?.reference ?? ''} & … %}`;
}

/** In an expression, texts in quotes stay texts too. */
function quotedFaults(source: string, path: string, pattern: RegExp): Fault[] {
  if (!mayQuotePlaceholders.test(source)) return [];
  const parsed = parseExpression(source);
  const quoted = parsed.ok ? [...textsInTree(parsed.tree)] : [];
  return quoted.flatMap((text) => {
    const placeholders = placeholdersIn(text, pattern);
    const shown = JSON.stringify(text.slice(0, longestProposal));
    return placeholders.length === 0
      ? []
      : [
          {
            path,
            message: `${shown} in it stays a text; write ${proposal(text, placeholders).slice(3, -3)}`,
          },
        ];
  });
}

/** `$order["id"]`, as other languages read a field: here a text in brackets is a condition, and true. */
function bracketFaults(source: string, path: string): Fault[] {
  if (!mayNameInBrackets.test(source)) return [];
  const parsed = parseExpression(source);
  if (!parsed.ok) return [];
  const names = [...nodesIn(parsed.tree)].flatMap(({ type, expr }) => {
    const { type: kind, value } = { type: undefined, value: undefined, ...Object(expr) };
    return type === 'filter' && kind === 'string' && typeof value === 'string' ? [value] : [];
  });
  return [...new Set(names)].map((name) => {
    const field = /^[A-Za-z_]\w*$/.test(name) ? name : `\`${name.slice(0, longestProposal)}\``;
    const shown = JSON.stringify(name.slice(0, longestProposal));
    return { path, message: `[${shown}] in it reads no field, it is a condition; write .${field}` };
  });
}

const mayNameInBrackets = /\[\s*["']/;

const mayQuotePlaceholders = /["'][^"']*[${]/;

function* textsInTree(tree: unknown): Generator<string> {
  for (const { type, value } of nodesIn(tree))
    if (type === 'string' && typeof value === 'string') yield value;
}

/** The fields of Step Functions' JSONPath: `"id.$": "$.input.id"`. */
function jsonPathKeys(template: unknown, path: string): Fault[] {
  if (typeof template !== 'object' || template === null) return [];
  return Object.entries(template).flatMap(([key, part]) => {
    const at = Array.isArray(template) ? itemPath(path, Number(key)) : fieldPath(path, key);
    if (!key.endsWith('.$') || typeof part !== 'string') return jsonPathKeys(part, at);
    const name = key.slice(0, -2);
    const message = `is a field of that name, no JSONPath; write ${JSON.stringify(name)} and an expression such as "{% $input.id %}"`;
    return [{ path: at, message }];
  });
}
