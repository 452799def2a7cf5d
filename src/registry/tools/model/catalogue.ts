/** What an MCP service offers: its tools, resources and prompts, as it said itself when it was read. */
import * as z from 'zod';
import { canonicalJson } from '../../../base/canonical-json.ts';

export const ToolAnnotations = z.object({
  title: z.string().optional(),
  readOnlyHint: z.boolean().optional(),
  destructiveHint: z.boolean().optional(),
  idempotentHint: z.boolean().optional(),
  openWorldHint: z.boolean().optional(),
});

const Schema = z.record(z.string(), z.unknown());

export const ServiceTool = z.object({
  name: z.string(),
  title: z.string().optional(),
  description: z.string().optional(),
  inputSchema: Schema.optional().describe('JSON Schema of the arguments; missing when it was left out'),
  outputSchema: Schema.optional(),
  annotations: ToolAnnotations.optional(),
});
export type ServiceTool = z.infer<typeof ServiceTool>;

export const ServiceResource = z.object({
  uri: z.string(),
  name: z.string().optional(),
  title: z.string().optional(),
  description: z.string().optional(),
  mimeType: z.string().optional(),
});

export const ServicePrompt = z.object({
  name: z.string(),
  title: z.string().optional(),
  description: z.string().optional(),
  arguments: z
    .array(
      z.object({
        name: z.string(),
        description: z.string().optional(),
        required: z.boolean().optional(),
      }),
    )
    .optional(),
});

export const Catalogue = z.object({
  tools: z.array(ServiceTool),
  resources: z.array(ServiceResource),
  prompts: z.array(ServicePrompt),
  warnings: z.array(z.string()).describe('What was left out, and why'),
});
export type Catalogue = z.infer<typeof Catalogue>;

/** What is known of the catalogue of a version; without `catalogue` it was never read. */
export interface KnownCatalogue {
  readonly catalogue?: Catalogue | undefined;
  /** ISO time of the read that the catalogue is from. */
  readonly refreshedAt?: string | undefined;
  /** The instance that it was read from. */
  readonly instance?: string | undefined;
  /** Why the last read since then failed, and its ISO time. */
  readonly refreshError?: string | undefined;
  readonly failedAt?: string | undefined;
}

/** How the tools of a version are shown beside it. */
export const ToolsShown = z.object({
  tools: z
    .union([z.int(), z.literal('unknown')])
    .optional()
    .describe('How many tools an mcp service has; unknown until they could be read once'),
  refreshedAt: z.string().optional().describe('ISO time at which the tools were read'),
  refreshError: z.string().optional().describe('Why they could not be read again since then'),
});
export type ToolsShown = z.infer<typeof ToolsShown>;

export const toolsShown = ({ catalogue, refreshedAt, refreshError }: KnownCatalogue): ToolsShown => ({
  tools: catalogue?.tools.length ?? 'unknown',
  ...(refreshedAt !== undefined && { refreshedAt }),
  ...(refreshError !== undefined && { refreshError }),
});

export const ToolChanges = z.object({
  added: z.array(z.string()),
  removed: z.array(z.string()),
  changed: z.array(z.string()),
});
export type ToolChanges = z.infer<typeof ToolChanges>;

export function toolChanges(before: readonly ServiceTool[], after: readonly ServiceTool[]): ToolChanges {
  const earlier = new Map(before.map((tool) => [tool.name, canonicalJson(tool)]));
  const now = new Set(after.map(({ name }) => name));
  return {
    added: after.filter(({ name }) => !earlier.has(name)).map(({ name }) => name),
    removed: [...earlier.keys()].filter((name) => !now.has(name)),
    changed: after
      .filter((tool) => earlier.has(tool.name) && earlier.get(tool.name) !== canonicalJson(tool))
      .map(({ name }) => name),
  };
}

/** What a search looks at. */
export const ToolSummary = z.object({
  name: z.string(),
  title: z.string().optional(),
  description: z.string().optional(),
});
export type ToolSummary = z.infer<typeof ToolSummary>;

const summaryLength = 200;

export const summaryOf = ({ name, title, description }: ServiceTool): ToolSummary => ({
  name,
  ...(title !== undefined && { title: title.slice(0, summaryLength) }),
  ...(description !== undefined && { description: description.slice(0, summaryLength) }),
});
