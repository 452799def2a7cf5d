/**
 * JSON templates: any JSON value in which a string `{% … %}` stands for the value of an expression. An
 * expression is the whole string, as in ASL; text is joined with `&` inside of it.
 */
import type { Fault } from '../../base/errors.ts';

export const isExpression = (text: string): boolean =>
  text.length >= 4 && text.startsWith('{%') && text.endsWith('%}');

/** The text between the delimiters. */
export const sourceOf = (text: string): string => text.slice(2, -2).trim();

/** An expression of a definition, and where it stands. */
export interface PlacedExpression {
  readonly path: string;
  readonly source: string;
}

const simpleKey = /^[A-Za-z_$][\w$-]*$/;

/** `a.b`, or `a["b c"]` for a key that would not read well. */
export const fieldPath = (path: string, key: string): string => {
  if (!simpleKey.test(key)) return `${path}[${JSON.stringify(key)}]`;
  return path === '' ? key : `${path}.${key}`;
};

export const itemPath = (path: string, index: number): string => `${path}[${index}]`;

/** Whether a path is of a value, or of a part of it. */
export const isWithin = (path: string, value: string): boolean =>
  path === value || path.startsWith(`${value}.`) || path.startsWith(`${value}[`);

/** Every string of a template with its path, the keys of objects left out. */
export function* textsOf(template: unknown, path: string): Generator<{ path: string; text: string }> {
  if (typeof template === 'string') yield { path, text: template };
  else if (Array.isArray(template)) {
    for (const [index, part] of template.entries()) yield* textsOf(part, itemPath(path, index));
  } else if (typeof template === 'object' && template !== null) {
    for (const [key, part] of Object.entries(template)) yield* textsOf(part, fieldPath(path, key));
  }
}

/** Every expression of a template. */
export function expressionsOf(template: unknown, path: string): PlacedExpression[] {
  return [...textsOf(template, path)].flatMap(({ path, text }) =>
    isExpression(text) ? [{ path, source: sourceOf(text) }] : [],
  );
}

const isPartial = (text: string): boolean =>
  !isExpression(text) && (text.includes('{%') || text.endsWith('%}'));

/** Strings of which only a part is written as an expression: Step Functions would pass them on as they are. */
export function partialExpressions(template: unknown, path: string): Fault[] {
  return [...textsOf(template, path)]
    .filter(({ text }) => isPartial(text))
    .map(({ path }) => ({
      path,
      message: 'an expression is the whole string, "{% … %}"; join text with & inside it',
    }));
}

/** Keys of objects that are written as expressions: Step Functions evaluates values only. */
export function keysWithExpressions(template: unknown, path: string): Fault[] {
  if (typeof template !== 'object' || template === null) return [];
  return Object.entries(template).flatMap(([key, part]) => {
    const at = Array.isArray(template) ? itemPath(path, Number(key)) : fieldPath(path, key);
    const faults = keysWithExpressions(part, at);
    return key.includes('{%')
      ? [{ path: at, message: 'a field name cannot be an expression' }, ...faults]
      : faults;
  });
}
