/**
 * Reads what an MCP endpoint offers. Everything is bounded: the time in all, pages, bytes, entries and the size of a
 * schema. What is wrong or too much is left out, and a warning says so.
 */
import * as z from 'zod';
import { OrchestratorError } from '../../base/errors.ts';
import { isTooDeep } from '../../base/nesting.ts';
import { type ToolSchema, uncheckedPatterns } from '../../json-schema/unchecked-patterns.ts';
import { excerpt, quoted } from '../../transport/answer-text.ts';
import type { Bounds } from '../../transport/deadline.ts';
import { httpFailure, isSuccess } from '../../transport/http-failure.ts';
import { ListBounds } from '../../transport/mcp/list-bounds.ts';
import type { McpPeer } from '../../transport/mcp/mcp-peer.ts';
import { NextCursor } from '../../transport/mcp/optional-members.ts';
import { type Listed, prompts, type ReadTool, resources, tools } from './listed-entries.ts';
import { type Catalogue, ServicePrompt, ServiceResource, ServiceTool } from './model/catalogue.ts';

/** However many pages they come in, lists are read until they have so many entries, or bytes in all. */
const listBytes = 8_388_608;
const pageBytes = 2_097_152;
const schemaBytes = 16_384;
const mostWarnings = 20;
const methodNotFound = -32601;

class Warnings {
  readonly texts: string[] = [];

  add(text: string): void {
    if (this.texts.length < mostWarnings) this.texts.push(text);
  }
}

interface Reading {
  readonly peer: McpPeer;
  readonly url: URL;
  readonly bounds: Bounds;
  readonly warnings: Warnings;
}

/**
 * Rejects as egress does, or with what is wrong, when the tools cannot be listed. Resources and prompts that cannot be
 * listed are none, with a warning.
 */
export async function readCatalogue(peer: McpPeer, url: URL, bounds: Bounds): Promise<Catalogue> {
  const reading: Reading = { peer, url, bounds, warnings: new Warnings() };
  const listed = await readList(reading, tools);
  const kept = listed.map((tool) => ServiceTool.parse(keptTool(tool, reading.warnings)));
  for (const text of await uncheckedPatterns(kept.flatMap(schemasOf))) reading.warnings.add(text);
  return {
    tools: kept,
    resources: z.array(ServiceResource).parse(await readIfThere(reading, resources)),
    prompts: z.array(ServicePrompt).parse(await readIfThere(reading, prompts)),
    warnings: reading.warnings.texts,
  };
}

async function readIfThere<T>(reading: Reading, kind: Listed<T>): Promise<T[]> {
  try {
    return await readList(reading, kind);
  } catch (error) {
    const why = error instanceof OrchestratorError ? error.message : 'they could not be listed';
    reading.warnings.add(`No ${kind.list} were read: ${why}`);
    return [];
  }
}

const Page = z.object({ nextCursor: NextCursor });

async function readList<T>(reading: Reading, kind: Listed<T>): Promise<T[]> {
  const { warnings } = reading;
  const found = new Map<string, T>();
  const bounds = new ListBounds({ entries: kind.most, bytes: listBytes });
  let cursor: string | undefined;
  do {
    const page = await ask(reading, kind.list, cursor);
    if (page === undefined) return [];
    keepEntries(page.result[kind.list], { kind, found, warnings });
    cursor = Page.parse(page.result).nextCursor;
    const end = bounds.endAt({ cursor, entries: found.size, bytes: page.bytes });
    if (end !== undefined) {
      warnings.add(`There are more ${kind.list} than the ${found.size} that were read: ${end}`);
      break;
    }
  } while (cursor !== undefined);
  return [...found.values()];
}

/** Undefined when the endpoint does not know the method: then it has none of them. */
async function ask({ peer, url, bounds }: Reading, list: string, cursor: string | undefined) {
  const { response, answer } = await peer.ask({
    ...bounds,
    url,
    headers: {},
    method: `${list}/list`,
    repeating: 'safe',
    params: cursor === undefined ? {} : { cursor },
    maxBytes: pageBytes,
  });
  if (answer?.error?.code === methodNotFound) return undefined;
  if (!isSuccess(response)) throw httpFailure(response, bounds.subject);
  if (answer?.error !== undefined)
    throw new OrchestratorError(
      'service.failed',
      `${bounds.subject} answered ${list}/list with JSON-RPC error ${answer.error.code}${quoted(answer.error.message)}`,
    );
  // Some languages write null for an empty list.
  if (answer?.result?.[list] !== null && !Array.isArray(answer?.result?.[list]))
    throw new OrchestratorError(
      'service.bad-response',
      `${bounds.subject} answered ${list}/list with something that is no list`,
    );
  return { result: answer.result, bytes: response.text.length || JSON.stringify(answer.result).length };
}

interface Keeping<T> {
  readonly kind: Listed<T>;
  readonly found: Map<string, T>;
  readonly warnings: Warnings;
}

function keepEntries<T>(entries: unknown, { kind, found, warnings }: Keeping<T>): void {
  if (!Array.isArray(entries)) return;
  for (const [index, entry] of entries.entries()) {
    const parsed = kind.shape.safeParse(entry);
    if (!parsed.success) {
      const { path, message } = parsed.error.issues[0] ?? { path: [], message: 'is not valid' };
      warnings.add(`One of the ${kind.list} was left out: ${[index, ...path].join('.')}: ${message}`);
      continue;
    }
    const id = kind.idOf(parsed.data);
    if (found.has(id)) warnings.add(`A second one of the ${kind.list} is called ${excerpt(id)}: left out`);
    else if (found.size >= kind.most) {
      warnings.add(`Only the first ${kind.most} ${kind.list} are kept`);
      return;
    } else found.set(id, parsed.data);
  }
}

function keptTool(tool: z.infer<typeof ReadTool>, warnings: Warnings): z.infer<typeof ReadTool> {
  const { inputSchema, outputSchema, ...described } = tool;
  const kept = (schema: Readonly<Record<string, unknown>> | undefined, which: string) => {
    if (schema === undefined) return undefined;
    const text = textOf(schema);
    if (text !== undefined && Buffer.byteLength(text) <= schemaBytes && !isTooDeep(text)) return schema;
    warnings.add(
      `The ${which} schema of ${excerpt(tool.name)} is larger than ${schemaBytes} bytes: left out`,
    );
    return undefined;
  };
  return {
    ...described,
    inputSchema: kept(inputSchema, 'input'),
    outputSchema: kept(outputSchema, 'output'),
  };
}

const schemasOf = ({ name, inputSchema, outputSchema }: ServiceTool): ToolSchema[] => {
  const tool = excerpt(name);
  return [
    ...(inputSchema ? [{ tool, which: 'input', schema: inputSchema } as const] : []),
    ...(outputSchema ? [{ tool, which: 'output', schema: outputSchema } as const] : []),
  ];
};

/** Undefined when it is nested deeper than can be written. */
function textOf(value: unknown): string | undefined {
  try {
    return JSON.stringify(value);
  } catch {
    return undefined;
  }
}
