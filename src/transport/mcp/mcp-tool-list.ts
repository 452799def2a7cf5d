/** The tools of an MCP endpoint with their input schemas, asked for only after a call failed, kept a minute. */
import * as z from 'zod';
import { RecentMap } from '../../base/recent-map.ts';
import type { Bounds } from '../deadline.ts';
import { ListBounds } from './list-bounds.ts';
import type { McpPeer } from './mcp-peer.ts';
import { NextCursor } from './optional-members.ts';

interface ToolList {
  /** By tool name. */
  readonly inputSchemas: ReadonlyMap<string, Readonly<Record<string, unknown>>>;
  /** False when there were more than are read. */
  readonly complete: boolean;
}

export interface McpToolLists {
  /** Nothing when the endpoint does not say. Rejects as egress does. */
  get(url: URL, bounds: Bounds): Promise<ToolList | undefined>;
}

const keptMs = 60_000;
const pageBytes = 1_048_576;
const most = { entries: 500, bytes: 8_388_608 };

const ListResult = z.object({
  tools: z.array(z.unknown()).nullable(),
  nextCursor: NextCursor,
});

const ListedTool = z.object({
  name: z.string(),
  inputSchema: z.record(z.string(), z.unknown()).catch({}),
});

export function createMcpToolLists(peer: McpPeer): McpToolLists {
  const kept = new RecentMap<string, { list: ToolList; untilMs: number }>(100);
  return {
    async get(url, bounds) {
      const known = kept.get(url.href);
      if (known !== undefined && known.untilMs > performance.now()) return known.list;
      const list = await readList(peer, url, bounds);
      if (list !== undefined) kept.set(url.href, { list, untilMs: performance.now() + keptMs });
      return list;
    },
  };
}

async function readList(peer: McpPeer, url: URL, bounds: Bounds): Promise<ToolList | undefined> {
  const inputSchemas = new Map<string, Record<string, unknown>>();
  const list = new ListBounds(most);
  let cursor: string | undefined;
  for (;;) {
    const params = cursor === undefined ? {} : { cursor };
    const { answer, response } = await peer.ask({
      ...bounds,
      url,
      headers: {},
      method: 'tools/list',
      repeating: 'safe',
      params,
      maxBytes: pageBytes,
    });
    const result = ListResult.safeParse(answer?.result);
    if (!result.success) return undefined;
    for (const tool of result.data.tools ?? []) {
      const { data } = ListedTool.safeParse(tool);
      if (data) inputSchemas.set(data.name, data.inputSchema);
    }
    cursor = result.data.nextCursor;
    if (cursor === undefined) return { inputSchemas, complete: true };
    const end = list.endAt({ cursor, entries: inputSchemas.size, bytes: response.text.length });
    if (end !== undefined) return { inputSchemas, complete: false };
  }
}
