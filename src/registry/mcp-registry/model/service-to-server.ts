/** Shows a version of an MCP service as a server of the MCP Registry API v0.1. */
import { byVersion, highestInRange } from '../../services/model/service-reference.ts';
import type { Service, ServiceRecord } from '../../services/model/services.ts';
import { officialMeta, serviceMeta, streamableHttp } from './server-entry.ts';
import { serverNameOf } from './server-name.ts';

/** The version of `server.json` that is written. */
const schema = 'https://static.modelcontextprotocol.io/schemas/2025-12-11/server.schema.json';
const longestDescription = 100;

export interface Shown {
  readonly namespace: string;
  readonly service: Service;
  /** Where it can be called now. */
  readonly urls: readonly string[];
  readonly isLatest: boolean;
}

export function serviceToServer({ namespace, service, urls, isLatest }: Shown) {
  const { name, version, docsUrl, registeredAt, updatedAt } = service;
  return {
    server: {
      $schema: schema,
      name: serverNameOf(namespace, name),
      description: shortDescription(service),
      version,
      ...(docsUrl !== undefined && { websiteUrl: docsUrl }),
      ...(urls.length > 0 && { remotes: urls.map((url) => ({ type: streamableHttp, url })) }),
    },
    _meta: {
      [officialMeta]: { status: 'active', publishedAt: registeredAt, updatedAt, isLatest },
      [serviceMeta]: ownMeta(service),
    },
  };
}
export type ShownServer = ReturnType<typeof serviceToServer>;

/** The registry wants 1 to 100 characters. */
function shortDescription({ name, description = '' }: Service): string {
  const text = description.trim();
  if (text === '') return `The MCP service ${name}`;
  // JSON Schema counts code points, not halves of them.
  const characters = [...text];
  if (characters.length <= longestDescription) return text;
  return `${characters
    .slice(0, longestDescription - 1)
    .join('')
    .trimEnd()}…`;
}

const ownMeta = ({ description, tags, labels, owner }: Service) => ({
  ...(description !== undefined && { description }),
  tags,
  labels,
  ...(owner !== undefined && { owner }),
});

/** The versions that MCP clients can call, lowest first, and which of them is the latest. */
export function mcpVersions({ versions }: ServiceRecord): {
  services: Service[];
  latest: string | undefined;
} {
  const services = versions
    .filter(({ transport }) => transport === 'mcp')
    .sort((one, other) => byVersion(one.version, other.version));
  return {
    services,
    latest: highestInRange(
      services.map(({ version }) => version),
      '*',
    ),
  };
}
