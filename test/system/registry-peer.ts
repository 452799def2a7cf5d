/** A registry that speaks the MCP Registry API v0.1 strictly, over the servers that a test gives it. */
import type { ServerResponse } from 'node:http';
import { json, type ScriptedService, startScriptedService } from './scripted-service.ts';

export interface ListedServer {
  readonly server: Readonly<Record<string, unknown>> & { readonly name: string; readonly version: string };
  readonly _meta?: Readonly<Record<string, unknown>>;
}

export interface RegistryPeer extends ScriptedService {
  readonly servers: ListedServer[];
}

const official = 'io.modelcontextprotocol.registry/official';

/** An entry as registries list it. */
export const listed = (
  name: string,
  { version = '1.0.0', isLatest = true, url = `https://${name.split('/')[1]}.example.org/mcp`, ...more } = {},
): ListedServer => ({
  server: {
    name,
    version,
    description: `What ${name} does`,
    remotes: [{ type: 'streamable-http', url }],
    ...more,
  },
  _meta: {
    [official]: {
      status: 'active',
      publishedAt: '2026-01-01T00:00:00Z',
      updatedAt: '2026-01-02T00:00:00Z',
      isLatest,
    },
  },
});

const isLatest = ({ _meta }: ListedServer): boolean =>
  JSON.stringify(_meta ?? {}).includes('"isLatest":true');

/** Pages of `pageSize`, whatever limit is asked for; cursors are places in the list. */
export async function startRegistryPeer(
  given: readonly ListedServer[],
  { pageSize = 2 } = {},
): Promise<RegistryPeer> {
  const servers = [...given];
  const service = await startScriptedService(({ path }, response) => {
    const url = new URL(path, 'http://registry.invalid');
    if (url.pathname === '/v0.1/servers') return list(response, url.searchParams);
    const [, name] = /^\/v0\.1\/servers\/([^/]+)\/versions$/.exec(url.pathname) ?? [];
    const versions = servers.filter(({ server }) => server.name === decodeURIComponent(name ?? ''));
    if (versions.length === 0) return json(response, { error: 'Server not found' }, 404);
    return json(response, { servers: versions, metadata: { count: versions.length } });
  });
  function list(response: ServerResponse, query: URLSearchParams): void {
    const from = Number(query.get('cursor') ?? 0);
    const matching = servers
      .filter(({ server }) => server.name.toLowerCase().includes(query.get('search')?.toLowerCase() ?? ''))
      .filter((entry) => query.get('version') !== 'latest' || isLatest(entry));
    const page = matching.slice(from, from + pageSize);
    const more = from + pageSize < matching.length;
    json(response, {
      servers: page,
      metadata: { count: page.length, ...(more && { nextCursor: String(from + pageSize) }) },
    });
  }
  return { ...service, servers };
}
