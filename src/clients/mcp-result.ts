/** The value of a tool result, as later steps see it. */
import * as z from 'zod';
import { parseJson } from './answer-text.ts';

const Content = z.looseObject({ type: z.string(), text: z.string().optional() });

export const ToolResult = z.object({
  content: z.array(Content).default([]),
  structuredContent: z.unknown().optional(),
  isError: z.boolean().optional(),
  _meta: z
    .looseObject({ fastmcp: z.looseObject({ wrap_result: z.boolean().optional() }).optional() })
    .optional(),
});
export type ToolResult = z.infer<typeof ToolResult>;

/**
 * The structured content (without the `{result}` that FastMCP puts around what is not an object); else the
 * JSON of a single text, or that text; null for no content; else the content blocks as they are.
 */
export function toolValue({ content, structuredContent, _meta }: ToolResult): unknown {
  if (structuredContent !== undefined && structuredContent !== null) {
    return _meta?.fastmcp?.wrap_result === true ? unwrap(structuredContent) : structuredContent;
  }
  const [first, ...others] = content;
  if (first === undefined) return null;
  if (others.length > 0 || first.type !== 'text' || first.text === undefined) return content;
  const value = parseJson(first.text);
  return value === undefined ? first.text : value;
}

/** What a tool says about its failure: its texts. */
export const toolText = ({ content }: ToolResult): string =>
  content.flatMap(({ type, text }) => (type === 'text' && text !== undefined ? [text] : [])).join(' ');

const unwrap = (structured: unknown): unknown =>
  typeof structured === 'object' && structured !== null && 'result' in structured
    ? structured.result
    : structured;
