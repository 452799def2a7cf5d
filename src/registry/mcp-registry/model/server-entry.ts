/**
 * Servers as the MCP Registry API v0.1 shows them: `{server, _meta}`, where `server` is a `server.json`. What comes in
 * is taken tolerantly, since registries add fields and older ones lack some: a part with the wrong shape counts as
 * missing, and only a server without a name or a version is none.
 */
import * as z from 'zod';
import { parseInput } from '../../../base/parse-input.ts';

/** What the registry itself says of an entry. */
export const officialMeta = 'io.modelcontextprotocol.registry/official';
/** What an orchestrator says of a service beyond what a server can say. */
export const serviceMeta = 'orchestrator/service';

export const streamableHttp = 'streamable-http';

const Text = z.string().optional().catch(undefined);
const Flag = z.boolean().optional().catch(undefined);

const Header = z.looseObject({
  name: z.string(),
  value: Text,
  isRequired: Flag,
  isSecret: Flag,
});

/** The entries of a list that have the shape; a list of another kind is an empty one. */
const listOf = <T>(entry: z.ZodType<T>) =>
  z
    .array(z.unknown())
    .catch([])
    .transform((entries): T[] =>
      entries.flatMap((one) => {
        const parsed = entry.safeParse(one);
        return parsed.success ? [parsed.data] : [];
      }),
    );

const Remote = z.looseObject({
  type: z.string(),
  url: Text,
  headers: listOf(Header).default([]),
  variables: z.record(z.string(), z.unknown()).optional().catch(undefined),
});
export type ServerRemote = z.infer<typeof Remote>;

export const Server = z.looseObject({
  name: z.string().min(1).max(500),
  version: z.string().min(1).max(255),
  description: Text,
  websiteUrl: Text,
  repository: z.looseObject({ url: Text }).optional().catch(undefined),
  remotes: listOf(Remote).default([]),
  packages: z.array(z.unknown()).optional().catch(undefined),
});
export type Server = z.infer<typeof Server>;

const Official = z.looseObject({
  status: Text,
  publishedAt: Text,
  updatedAt: Text,
  isLatest: Flag,
});

const Meta = z
  .looseObject({
    [officialMeta]: Official.optional().catch(undefined),
    [serviceMeta]: z.looseObject({}).optional().catch(undefined),
  })
  .catch({});

export interface ServerEntry {
  readonly server: Server;
  readonly official: z.infer<typeof Official>;
  /** What another orchestrator said of it; nothing of it is trusted. */
  readonly service: Readonly<Record<string, unknown>>;
}

const Wrapped = z.looseObject({ server: z.unknown(), _meta: Meta.default({}) });

/** An entry of a list, or a bare `server.json`; undefined when it is no server with a name and a version. */
export function parseServerEntry(value: unknown): ServerEntry | undefined {
  const wrapped = parseInput(Wrapped, value);
  const inside = wrapped.success && wrapped.data.server !== undefined ? wrapped.data.server : value;
  const server = parseInput(Server, inside);
  if (!server.success) return undefined;
  const meta = wrapped.success ? wrapped.data._meta : {};
  return {
    server: server.data,
    official: meta[officialMeta] ?? {},
    service: meta[serviceMeta] ?? {},
  };
}
