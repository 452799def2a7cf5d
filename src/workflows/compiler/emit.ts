/**
 * How values of a definition are written into ASL. Step Functions takes a string `{% … %}` for an expression
 * and all else as it is. A few literals are written as expressions (empty text, text with line breaks,
 * arrays inside arrays), since the ASL schema that linters use knows no other form for them.
 */

import { parseExpression } from '../../expressions/model/syntax-tree.ts';
import {
  expressionsOf,
  fieldPath,
  isExpression,
  itemPath,
  sourceOf,
} from '../../expressions/model/template.ts';
import type { Json } from '../definition/definition.ts';
import { rewriteExpression, type Substitute } from '../definition/expressions.ts';

export const inDelimiters = (source: string): string => `{% ${source} %}`;

const lineBreak = /[\n\r\u2028\u2029]/;
const lineBreaks = new RegExp(lineBreak, 'g');

const shapeOf = (source: string): string =>
  JSON.stringify(parseExpression(source), (_key, value) => (value instanceof RegExp ? String(value) : value));

/** The same expression on one line, where its line breaks are not part of a text in it. */
function onOneLine(source: string): string {
  if (!lineBreak.test(source)) return source;
  const joined = source.replace(lineBreaks, ' ');
  return shapeOf(joined) === shapeOf(source) ? joined : source;
}

/** A JSON value as a JSONata literal: the same text, with the line separators escaped that JSON leaves bare. */
const literal = (value: Json): string =>
  JSON.stringify(value).replace(lineBreaks, (found) => `\\u${found.charCodeAt(0).toString(16)}`);

/** Text which is not an expression. */
export const emitText = (text: string): string =>
  text === '' || lineBreak.test(text) ? inDelimiters(literal(text)) : text;

/** An expression of the definition over the names of Step Functions; both without their delimiters. */
export const emitSource = (source: string, substitute: Substitute): string =>
  onOneLine(rewriteExpression(source, substitute));

/** How an expression is written, by its source and its path in the template; both without delimiters. */
export type EmitExpression = (source: string, path: string) => string;

const isLiteral = (template: Json): boolean => expressionsOf(template, '').length === 0;

const emitItem = (item: Json, emit: EmitExpression, path: string): Json =>
  Array.isArray(item) && isLiteral(item) ? inDelimiters(literal(item)) : emitTemplate(item, emit, path);

/** A JSON template with each of its expressions written by `emit`; `path` is that of the template. */
export function emitTemplate(template: Json, emit: EmitExpression, path: string): Json {
  if (typeof template === 'string')
    return isExpression(template) ? inDelimiters(emit(sourceOf(template), path)) : emitText(template);
  if (Array.isArray(template))
    return template.map((item, index) => emitItem(item, emit, itemPath(path, index)));
  if (typeof template !== 'object' || template === null) return template;
  return Object.fromEntries(
    Object.entries(template).map(([key, part]) => [key, emitTemplate(part, emit, fieldPath(path, key))]),
  );
}

/** As `emitTemplate`, for `Output`, which the ASL schema of linters wants to be an object or an expression. */
export function emitOutput(template: Json, emit: EmitExpression, path: string): Json {
  const isObject = typeof template === 'object' && template !== null && !Array.isArray(template);
  return isObject || !isLiteral(template)
    ? emitTemplate(template, emit, path)
    : inDelimiters(literal(template));
}

const readable = /^[ -&(-[\]-~]*$/;

/** A text as a JSONata literal. */
export const textLiteral = (text: string): string => (readable.test(text) ? `'${text}'` : literal(text));

/** A JSONata object of expressions: a field whose expression comes to nothing drops out. */
export const objectOf = (fields: readonly (readonly [name: string, source: string])[]): string =>
  `{${fields.map(([name, source]) => `'${name}': ${source}`).join(', ')}}`;

export const emitObject = (fields: readonly (readonly [name: string, source: string])[]): string =>
  inDelimiters(objectOf(fields));
