/**
 * The value of a tool result, as later steps see it. A text stays a text: it is read as JSON where its content says that
 * it is JSON, or where the whole of it is one object or array in which no number changes, since services without
 * structured content answer objects so.
 */
import * as z from 'zod';
import {
  below,
  changedNumber,
  changedNumbers,
  type InexactNumber,
  keptAsText,
} from '../domain/json-numbers.ts';
import { isJson, mediaTypeIn, parseJson } from './answer-text.ts';
import type { Answered } from './service-call.ts';

const mimeType = z.string().nullish();
const Content = z.looseObject({
  type: z.string(),
  text: z.string().optional(),
  mimeType,
  resource: z.looseObject({ mimeType, text: z.string().nullish() }).optional(),
});
type Content = z.infer<typeof Content>;

export const ToolResult = z.object({
  content: z.array(Content).default([]),
  structuredContent: z.unknown().optional(),
  isError: z.boolean().optional(),
  _meta: z
    .looseObject({ fastmcp: z.looseObject({ wrap_result: z.boolean().optional() }).optional() })
    .optional(),
});
export type ToolResult = z.infer<typeof ToolResult>;

type Changed = readonly InexactNumber[];

/**
 * The structured content (without the `{result}` that FastMCP puts around what is not an object); else what a single
 * text says; null for no content; else the content blocks as they are. `changed` are the numbers of the result that
 * could not be read as they were written.
 */
export function toolValue(result: ToolResult, changed: Changed): Answered {
  const { content, structuredContent, _meta } = result;
  if (structuredContent !== undefined && structuredContent !== null) {
    const warningsAt = (...place: string[]) =>
      below(['structuredContent', ...place], changed).map(changedNumber);
    return _meta?.fastmcp?.wrap_result === true && isWrapped(structuredContent)
      ? { value: structuredContent.result, warnings: warningsAt('result') }
      : { value: structuredContent, warnings: warningsAt() };
  }
  const [first, ...others] = content;
  if (first === undefined) return { value: null, warnings: [] };
  const told = others.length === 0 ? valueOfText(first) : undefined;
  return told ?? { value: content, warnings: below(['content'], changed).map(changedNumber) };
}

/** What the text of a block says; undefined where the block itself is the value. */
function valueOfText({ type, text, mimeType, resource }: Content): Answered | undefined {
  if (type === 'text' && text !== undefined) return saysJson(mimeType) ? declared(text) : undeclared(text);
  if (type === 'resource' && typeof resource?.text === 'string' && saysJson(resource.mimeType))
    return declared(resource.text);
  return undefined;
}

const saysJson = (type: string | null | undefined): boolean => isJson(mediaTypeIn(type ?? ''));

/** A text that says it is JSON and is not is taken as it is. */
function declared(text: string): Answered {
  const value = parseJson(text);
  if (value === undefined) return { value: text, warnings: [] };
  return { value, warnings: changedNumbers(text).map(changedNumber) };
}

function undeclared(text: string): Answered {
  const value = /^\uFEFF?\s*[[{]/.test(text) ? parseJson(text) : undefined;
  if (value === undefined) return { value: text, warnings: [] };
  const changed = changedNumbers(text);
  return changed.length > 0 ? { value: text, warnings: changed.map(keptAsText) } : { value, warnings: [] };
}

/** What a tool says about its failure: its texts. */
export const toolText = ({ content }: ToolResult): string =>
  content.flatMap(({ type, text }) => (type === 'text' && text !== undefined ? [text] : [])).join(' ');

const isWrapped = (structured: unknown): structured is { readonly result: unknown } =>
  typeof structured === 'object' && structured !== null && 'result' in structured;
