/** The MCP Registry API v0.1 as OpenAPI describes it. */
import type { JsonSchema } from '../json-schemas.ts';
import { frontAnswers } from './openapi-frame.ts';

const text = (description: string, more: JsonSchema = {}): JsonSchema => ({
  type: 'string',
  description,
  ...more,
});
const named = (name: string): JsonSchema => ({ $ref: `#/components/schemas/${name}` });

export const registrySchemas: Readonly<Record<string, JsonSchema>> = {
  McpServer: {
    type: 'object',
    description: 'A version of an MCP service as a server of the MCP Registry API v0.1',
    required: ['server', '_meta'],
    properties: {
      server: {
        type: 'object',
        description: 'A server.json',
        required: ['name', 'description', 'version'],
        properties: {
          $schema: text('The version of server.json', { format: 'uri' }),
          name: text('The namespace of this registry, a slash, and the name of the service'),
          description: text('At most 100 characters; the whole one is in _meta', {
            minLength: 1,
            maxLength: 100,
          }),
          version: text('Semantic version'),
          websiteUrl: text('Where it is documented', { format: 'uri' }),
          remotes: {
            type: 'array',
            description:
              'Where it answers: its url, or those of its healthy instances; none when it has none now',
            items: {
              type: 'object',
              required: ['type', 'url'],
              properties: {
                type: { const: 'streamable-http' },
                url: text('Where it speaks streamable HTTP', { format: 'uri' }),
              },
            },
          },
        },
      },
      _meta: {
        type: 'object',
        properties: {
          'io.modelcontextprotocol.registry/official': {
            type: 'object',
            required: ['status', 'publishedAt', 'updatedAt', 'isLatest'],
            properties: {
              status: { const: 'active' },
              publishedAt: text('ISO time of the first registration'),
              updatedAt: text('ISO time of the last change'),
              isLatest: { type: 'boolean' },
            },
          },
          'orchestrator/service': {
            type: 'object',
            description: 'What a server.json cannot say: description, tags, labels, owner',
          },
        },
      },
    },
  },
  McpServerList: {
    type: 'object',
    required: ['servers', 'metadata'],
    properties: {
      servers: { type: 'array', items: named('McpServer') },
      metadata: {
        type: 'object',
        required: ['count'],
        properties: {
          count: { type: 'integer', description: 'Servers in this answer' },
          nextCursor: text('Of the next page; none on the last one'),
        },
      },
    },
  },
  McpRegistryProblem: {
    description: 'A problem, with its detail as error too',
    allOf: [
      named('Problem'),
      { type: 'object', required: ['error'], properties: { error: text('As detail') } },
    ],
  },
};

interface PathParts {
  readonly operationId: string;
  readonly summary: string;
  readonly parameters: readonly JsonSchema[];
  readonly schema: string;
  readonly failures: Readonly<Record<number, string>>;
}

const everywhere = {
  401: 'access.unauthenticated',
  403: 'request.host-not-allowed',
  429: 'request.throttled',
  500: 'internal.error',
};

const path = ({ operationId, summary, parameters, schema, failures }: PathParts) => ({
  get: {
    operationId,
    summary,
    description: `${summary}. Needs the role viewer. As the MCP Registry API v0.1 has it.`,
    tags: ['mcp-registry'],
    'x-required-role': 'viewer',
    parameters,
    responses: {
      ...frontAnswers,
      200: { description: summary, content: { 'application/json': { schema: named(schema) } } },
      ...Object.fromEntries(
        Object.entries({ ...failures, ...everywhere }).map(([status, description]) => [
          status,
          { description, content: { 'application/problem+json': { schema: named('McpRegistryProblem') } } },
        ]),
      ),
    },
  },
});

const query = (name: string, schema: JsonSchema): JsonSchema => ({
  name,
  in: 'query',
  required: false,
  schema,
});
const inPath = (name: string, description: string): JsonSchema => ({
  name,
  in: 'path',
  required: true,
  schema: text(description),
});

const serverName = inPath('serverName', 'URL-encoded, as local.orchestrator%2Fgmail');

export const registryPaths = {
  '/v0.1/servers': path({
    operationId: 'mcp_registry_servers',
    summary: 'The MCP services as servers, each version one, by name; a page may be short',
    parameters: [
      query('cursor', text('nextCursor of the page before')),
      query('limit', { type: 'integer', minimum: 1, maximum: 100, default: 30 }),
      query('search', text('Part of the name, in upper or lower case', { maxLength: 200 })),
      query('updated_since', {
        description: 'Only what was changed since (RFC 3339); a date means its first moment in UTC',
        anyOf: [
          { type: 'string', format: 'date-time' },
          { type: 'string', format: 'date' },
        ],
      }),
      query('version', text('latest, or a version')),
    ],
    schema: 'McpServerList',
    failures: { 400: 'request.invalid' },
  }),
  '/v0.1/servers/{serverName}/versions': path({
    operationId: 'mcp_registry_versions',
    summary: 'The versions of a server, the one that was registered last first',
    parameters: [serverName],
    schema: 'McpServerList',
    failures: { 404: 'service.not-found' },
  }),
  '/v0.1/servers/{serverName}/versions/{version}': path({
    operationId: 'mcp_registry_version',
    summary: 'One version of a server',
    parameters: [serverName, inPath('version', 'A version, or latest')],
    schema: 'McpServer',
    failures: { 404: 'service.not-found' },
  }),
};
