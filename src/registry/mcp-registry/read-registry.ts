/**
 * Reads registries that speak the MCP Registry API v0.1, and documents such as a `server.json`, through egress. A
 * registry is a stranger: pages, servers, bytes and time have bounds, a cursor that comes again ends the reading, and
 * redirects are not followed.
 */
import * as z from 'zod';
import { OrchestratorError } from '../../base/errors.ts';
import { deepestNesting, isTooDeep } from '../../base/nesting.ts';
import { parseJson } from '../../transport/answer-text.ts';
import { type Bounds, remainingMs } from '../../transport/deadline.ts';
import type { Egress } from '../../transport/egress.ts';
import { httpFailure, isSuccess } from '../../transport/http-failure.ts';
import { lenientMember, NextCursor } from '../../transport/mcp/optional-members.ts';

export interface ReadingBounds extends Bounds {
  readonly mostPages: number;
  readonly mostServers: number;
  readonly mostBytes: number;
}

export interface Listing {
  /** As they came; nothing of them is checked. */
  readonly entries: readonly unknown[];
  /** Why there may be more; undefined when all were read. */
  readonly cutShort: string | undefined;
}

/** Bytes that one page may have. */
const pageBytes = 2_000_000;

/** `/v0.1/servers` is added to a url that names neither a part of the API nor a document. */
export function registryUrl(url: string): URL {
  const parsed = new URL(url);
  if (!/\/v0(\.1)?\/servers(\/|$)|\.json$/.test(parsed.pathname))
    parsed.pathname = `${withoutEndingSlashes(parsed.pathname)}/v0.1/servers`;
  return parsed;
}

function withoutEndingSlashes(path: string): string {
  let end = path.length;
  while (path[end - 1] === '/') end -= 1;
  return path.slice(0, end);
}

/** The url of one server's versions. */
export function versionsUrl(registry: URL, server: string): URL {
  const url = new URL(registry);
  url.search = '';
  url.pathname = `${withoutEndingSlashes(registry.pathname)}/${encodeURIComponent(server)}/versions`;
  return url;
}

const Document = z.looseObject({
  servers: z.array(z.unknown()).nullish(),
  metadata: lenientMember(z.object({ nextCursor: NextCursor, next_cursor: NextCursor })),
});

interface Page {
  readonly entries: readonly unknown[];
  readonly cursor: string | undefined;
  readonly bytes: number;
}

/** Every page of a listing, or the one entry of a document. Rejects as egress does, or as the answer says. */
export async function readRegistry(egress: Egress, url: URL, bounds: ReadingBounds): Promise<Listing> {
  const entries: unknown[] = [];
  const seen = new Set<string>();
  let bytes = 0;
  let next = url;
  for (let pages = 1; ; pages++) {
    const page = await readPage(egress, next, { ...bounds, left: bounds.mostBytes - bytes });
    bytes += page.bytes;
    entries.push(...page.entries.slice(0, bounds.mostServers - entries.length));
    if (page.cursor === undefined) return { entries, cutShort: undefined };
    const cutShort = boundOf(bounds, { pages, servers: entries.length, bytes });
    if (cutShort !== undefined) return { entries, cutShort };
    if (seen.has(page.cursor))
      return { entries, cutShort: 'it gave the same cursor twice, so its pages have no end' };
    seen.add(page.cursor);
    next = withCursor(url, page.cursor);
  }
}

function boundOf(
  { mostPages, mostServers, mostBytes, deadline }: ReadingBounds,
  read: { pages: number; servers: number; bytes: number },
): string | undefined {
  if (read.servers >= mostServers) return `it has more than ${mostServers} servers`;
  if (read.pages >= mostPages) return `it has more than ${mostPages} pages`;
  if (read.bytes >= mostBytes) return `it has more than ${mostBytes} bytes`;
  return remainingMs(deadline) <= 0 ? 'the time for reading it was over' : undefined;
}

function withCursor(url: URL, cursor: string): URL {
  const next = new URL(url);
  next.searchParams.set('cursor', cursor);
  return next;
}

async function readPage(
  egress: Egress,
  url: URL,
  { left, ...bounds }: Bounds & { readonly left: number },
): Promise<Page> {
  const { subject } = bounds;
  const maxBytes = Math.max(1, Math.min(left, pageBytes));
  const headers = { accept: 'application/json' };
  const response = await egress
    .send({ ...bounds, method: 'GET', repeating: 'safe', url, headers, maxBytes })
    .catch((error: unknown) => Promise.reject(ofRegistry(error, subject)));
  if (!isSuccess(response)) throw httpFailure(response, subject);
  return { ...parsePage(response.text, subject), bytes: Buffer.byteLength(response.text) };
}

/** What egress says of results of steps is said of a page here. */
function ofRegistry(error: unknown, subject: string): unknown {
  if (!(error instanceof OrchestratorError) || error.code !== 'step.result-too-large') return error;
  const message = `${subject} answered more bytes than are read of a registry; name a smaller part of it`;
  return new OrchestratorError('service.bad-response', message, { cause: error });
}

function parsePage(text: string, subject: string): Omit<Page, 'bytes'> {
  const bad = (what: string) => new OrchestratorError('service.bad-response', `${subject} answered ${what}`);
  if (isTooDeep(text)) throw bad(`JSON that is nested more than ${deepestNesting} levels deep`);
  const body = parseJson(text);
  if (body === undefined) throw bad('something that is not JSON');
  const parsed = Document.safeParse(body);
  if (!parsed.success) throw bad('neither a list of servers nor a server');
  const { servers, metadata } = parsed.data;
  if (servers === undefined) return { entries: [body], cursor: undefined };
  return { entries: servers ?? [], cursor: metadata?.nextCursor ?? metadata?.next_cursor };
}
