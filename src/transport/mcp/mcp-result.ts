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
} from '../../base/json-numbers.ts';
import { isJson, mediaTypeIn, parseJson } from '../answer-text.ts';
import type { Answered } from '../service-call.ts';
import { lenientMember, optionalMember } from './optional-members.ts';

const text = lenientMember(z.string());
const Content = z.object({
  type: text,
  text,
  mimeType: text,
  resource: lenientMember(z.object({ mimeType: text, text })),
});
type Content = Partial<z.infer<typeof Content>>;

const wrapped = z.object({ fastmcp: z.object({ wrap_result: z.literal(true) }) });

/** What other languages write for true counts, so that no failure is taken for a result. */
const saysTrue = z.union([z.literal(1), z.string().regex(/^(?:true|1)$/i)]).transform(() => true);

/** Blocks stay as they were sent: they are the value where nothing else is. */
export const ToolResult = z.object({
  content: optionalMember(z.array(z.unknown())),
  structuredContent: z.unknown().optional(),
  isError: lenientMember(z.union([z.boolean(), saysTrue])),
  _meta: z.unknown().optional(),
});
export type ToolResult = z.infer<typeof ToolResult>;

type Changed = readonly InexactNumber[];

/**
 * The structured content (without the `{result}` that FastMCP puts around what is not an object); else what a single
 * text says; null for no content; else the content blocks as they are. `changed` are the numbers of the result that
 * could not be read as they were written.
 */
export function toolValue(result: ToolResult, changed: Changed): Answered {
  const { content = [], structuredContent, _meta } = result;
  if (structuredContent !== undefined && structuredContent !== null) {
    const warningsAt = (...place: string[]) =>
      below(['structuredContent', ...place], changed).map(changedNumber);
    return wrapped.safeParse(_meta).success && isWrapped(structuredContent)
      ? { value: structuredContent.result, structured: structuredContent, warnings: warningsAt('result') }
      : { value: structuredContent, structured: structuredContent, warnings: warningsAt() };
  }
  if (content.length === 0) return { value: null, warnings: [] };
  const [first, ...others] = content.map(blockOf);
  const told = first && others.length === 0 ? valueOfText(first) : undefined;
  return told ?? { value: content, warnings: below(['content'], changed).map(changedNumber) };
}

/** What the text of a block says; undefined where the block itself is the value. */
function valueOfText({ type, text: said, mimeType, resource }: Content): Answered | undefined {
  if (type === 'text' && said !== undefined) return saysJson(mimeType) ? declared(said) : undeclared(said);
  if (type === 'resource' && resource?.text !== undefined && saysJson(resource.mimeType))
    return declared(resource.text);
  return undefined;
}

const saysJson = (type = ''): boolean => isJson(mediaTypeIn(type));

/** A text that says it is JSON and is not is taken as it is. */
function declared(said: string): Answered {
  const value = parseJson(said);
  if (value === undefined) return { value: said, warnings: [] };
  return { value, warnings: changedNumbers(said).map(changedNumber) };
}

function undeclared(said: string): Answered {
  const value = /^\uFEFF?\s*[[{]/.test(said) ? parseJson(said) : undefined;
  if (value === undefined) return { value: said, warnings: [] };
  const changed = changedNumbers(said);
  return changed.length > 0 ? { value: said, warnings: changed.map(keptAsText) } : { value, warnings: [] };
}

/** What a tool says about its failure: its texts. */
export const toolText = ({ content = [] }: ToolResult): string =>
  content
    .map(blockOf)
    .flatMap(({ type, text: said }) => (type === 'text' && said !== undefined ? [said] : []))
    .join(' ');

const blockOf = (block: unknown): Content => Content.safeParse(block).data ?? {};

const isWrapped = (structured: unknown): structured is { readonly result: unknown } =>
  typeof structured === 'object' && structured !== null && 'result' in structured;
