/** Finds tools of all services by words. */
import * as z from 'zod';
import { decodeCursor, encodeCursor } from '../../aws/cursor.ts';
import { wholeNumber } from '../../base/bounded-number.ts';
import { defineOperation } from '../../operation/operation.ts';
import { ServiceReference } from '../services/model/service-reference.ts';
import { Tag } from '../services/model/service-terms.ts';
import type { Catalogue } from '../tools/model/catalogue.ts';
import { compactTools } from '../tools/model/compact-tools.ts';
import type { IndexedTool } from '../tools/model/tool-index.ts';
import type { RegistryOperationContext } from './context.ts';

export const searchTools = defineOperation({
  id: 'search_tools',
  summary: 'Find tools of all services by words: the best first, each as service.tool with its first words',
  input: z.strictObject({
    query: z.string().max(200).default('').describe('Words of names and descriptions; all tools when empty'),
    tag: Tag.optional().describe('Only of services with this tag'),
    service: ServiceReference.optional().describe('Only of this service, perhaps with a range: gmail@^1'),
    limit: wholeNumber({ from: 1, to: 100, example: 20 }).default(20).describe('How many at most, 1 to 100'),
    cursor: z.string().max(200).optional().describe('Where to go on: nextCursor of the answer before'),
    schemas: z.boolean().default(false).describe('Whether the input schemas are given too'),
  }),
  output: z.object({
    tools: z.array(z.string()),
    matches: z.int().describe('How many tools were found in all'),
    nextCursor: z.string().optional().describe('Set where there are more'),
    near: z
      .array(z.string())
      .optional()
      .describe('Where none was found: words of tools that are spelt much like those of the query'),
    schemas: z
      .record(z.string(), z.record(z.string(), z.unknown()))
      .optional()
      .describe('The input schema of each, by service.tool'),
  }),
  errors: [],
  access: 'viewer',
  http: { method: 'GET', path: '/v1/tools', status: 200 },
  hints: { readOnly: true, destructive: false, idempotent: true },
  async run(context: RegistryOperationContext, { query, tag, service, limit, cursor, schemas }) {
    const services = tag === undefined ? undefined : await servicesWithTag(context, tag);
    const { tools: found, near } = await context.searchTools({ words: query, service, services });
    const from = cursor === undefined ? 0 : decodeCursor(cursor, Position).from;
    const lines = compactTools(found.slice(from, from + limit));
    const next = from + lines.length;
    const best = found.slice(from, next);
    return {
      tools: lines,
      matches: found.length,
      ...(next < found.length && lines.length > 0 && { nextCursor: encodeCursor({ from: next }) }),
      ...(near.length > 0 && { near: [...near] }),
      ...(schemas && { schemas: await schemasOf(context, best) }),
    };
  },
});

/** How many tools come before; what was registered meanwhile may move them. */
const Position = z.strictObject({ from: z.int().min(1).max(1_000_000) });

/** Pages of 100; there are no more than 10,000 services. */
const mostPages = 100;

async function servicesWithTag({ services }: RegistryOperationContext, tag: string): Promise<Set<string>> {
  const names = new Set<string>();
  let cursor: string | undefined;
  for (let page = 0; page < mostPages; page += 1) {
    const found = await services.namesWithTag(tag, { limit: 100, cursor });
    for (const name of found.names) names.add(name);
    cursor = found.nextCursor;
    if (cursor === undefined) break;
  }
  return names;
}

async function schemasOf(context: RegistryOperationContext, tools: readonly IndexedTool[]) {
  const versions = new Map(tools.map(({ service: name, version }) => [name, { name, version }]));
  const catalogues = new Map<string, Catalogue | undefined>();
  await Promise.all(
    [...versions.values()].map(async (key) => {
      catalogues.set(key.name, (await context.catalogues.get(key))?.catalogue);
    }),
  );
  const schemas = tools.flatMap(({ service, name }): [string, Record<string, unknown>][] => {
    const tool = catalogues.get(service)?.tools.find((one) => one.name === name);
    return tool?.inputSchema ? [[`${service}.${name}`, tool.inputSchema]] : [];
  });
  return Object.fromEntries(schemas);
}
