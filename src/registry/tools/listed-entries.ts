/**
 * The tools, resources and prompts that an MCP endpoint lists, as they are read: texts are cut, and a member of another
 * shape takes no other away.
 */
import * as z from 'zod';
import { lenientMember } from '../../transport/mcp/optional-members.ts';
import { ToolAnnotations } from './model/catalogue.ts';

const mostTools = 500;
const mostOthers = 200;

const bounded = (length: number) => lenientMember(z.string().transform((text) => text.slice(0, length)));

const named = z
  .string()
  .min(1)
  .max(128)
  .regex(/^[^\p{C}]+$/u);

/** Each hint for itself: one of another shape takes none of the others away. */
const ReadAnnotations = z
  .object({
    title: bounded(200),
    readOnlyHint: lenientMember(z.boolean()),
    destructiveHint: lenientMember(z.boolean()),
    idempotentHint: lenientMember(z.boolean()),
    openWorldHint: lenientMember(z.boolean()),
  })
  .transform((hints) => ToolAnnotations.parse(hints));

export const ReadTool = z.object({
  name: named,
  title: bounded(200),
  description: bounded(4_000),
  inputSchema: lenientMember(z.record(z.string(), z.unknown())),
  outputSchema: lenientMember(z.record(z.string(), z.unknown())),
  annotations: lenientMember(ReadAnnotations),
});

const ReadResource = z.object({
  uri: z.string().min(1).max(2048),
  name: bounded(200),
  title: bounded(200),
  description: bounded(1_000),
  mimeType: bounded(200),
});

const ReadPrompt = z.object({
  name: named,
  title: bounded(200),
  description: bounded(1_000),
  arguments: lenientMember(
    z
      .array(z.object({ name: named, description: bounded(500), required: lenientMember(z.boolean()) }))
      .max(50),
  ),
});

/** One of the lists that an endpoint offers. */
export interface Listed<T> {
  readonly list: 'tools' | 'resources' | 'prompts';
  readonly most: number;
  readonly shape: z.ZodType<T>;
  readonly idOf: (entry: T) => string;
}

export const tools: Listed<z.infer<typeof ReadTool>> = {
  list: 'tools',
  most: mostTools,
  shape: ReadTool,
  idOf: ({ name }) => name,
};
export const resources: Listed<z.infer<typeof ReadResource>> = {
  list: 'resources',
  most: mostOthers,
  shape: ReadResource,
  idOf: ({ uri }) => uri,
};
export const prompts: Listed<z.infer<typeof ReadPrompt>> = {
  list: 'prompts',
  most: mostOthers,
  shape: ReadPrompt,
  idOf: ({ name }) => name,
};
