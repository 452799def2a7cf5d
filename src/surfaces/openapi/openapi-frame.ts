/**
 * What the OpenAPI description has besides the operations: who answers for it, how to authenticate, the open paths, and
 * what the front answers before an operation is asked.
 */
import { errorCatalogue } from '../../base/errors.ts';
import type { JsonSchema } from '../json-schemas.ts';

export const info = {
  title: 'Orchestrator Service',
  description:
    'Workflows over registered MCP and REST services. Every operation is also an MCP tool at POST /mcp. Answers are compact JSON; `?pretty` on any path, or `Accept: application/json; indent=2`, indents them.',
  contact: { name: 'Whoever runs this deployment' },
  license: { name: 'MIT', identifier: 'MIT' },
};

export const tags = [
  { name: 'operations', description: 'Each operation by a method and a path of its own' },
  {
    name: 'tools',
    description: 'Each operation by its name, as MCP tools are called, with its whole input as the body',
  },
  { name: 'resources', description: 'What is read by one key, as MCP resources are' },
  {
    name: 'mcp-registry',
    description: 'The registry as a sub-registry of the MCP Registry API v0.1, read-only',
  },
  { name: 'health', description: 'Whether the service is up' },
  { name: 'authentication', description: 'How to find out how to authenticate' },
];

export const securitySchemes = {
  bearer: {
    type: 'http',
    scheme: 'bearer',
    description:
      'An API key, a token of a user, an access token of an issuer that is configured, or the admin key',
  },
  basic: { type: 'http', scheme: 'basic', description: 'Name and password of a user' },
};

/** Additional members may come: RFC 9457, 3.2. */
export const problemSchema: JsonSchema = {
  type: 'object',
  description: 'RFC 9457 problem details',
  required: ['type', 'code', 'title', 'status', 'detail'],
  properties: {
    type: { type: 'string' },
    code: { type: 'string', enum: Object.keys(errorCatalogue).sort() },
    title: { type: 'string' },
    status: { type: 'integer' },
    detail: { type: 'string' },
    errors: {
      type: 'array',
      items: {
        type: 'object',
        required: ['path', 'message'],
        properties: { path: { type: 'string' }, message: { type: 'string' } },
      },
      maxItems: 100,
    },
    moreErrors: {
      type: 'integer',
      description: 'How many faults there are besides those in errors, which lists the first 100',
    },
    effect: {
      type: 'string',
      enum: ['none', 'unknown'],
      description:
        'Of a call that failed: none where it was never sent, or changes nothing; unknown where it was sent and nothing was answered',
    },
    workflowId: { type: 'string', description: 'Of a workflow that failed: its execution' },
    execution: {
      type: 'object',
      description:
        'Of a workflow that failed: how it ended, with its status and the error of the step, as list_workflows shows it',
    },
  },
};

const problemContent = {
  'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } },
};

/** What any path may answer that has no operation behind it. */
const refused = (description: string) => ({ description, content: problemContent });

/** Before anything reads the request, the HTTP server or gateway answers by itself, without a problem. */
export const frontAnswers = {
  408: { description: 'The request did not arrive in time; the answer has no body' },
  431: { description: 'The headers and the url are too large together; the answer has no body' },
};

const openAnswers = {
  ...frontAnswers,
  403: refused('request.host-not-allowed'),
  429: refused('request.throttled'),
  500: refused('internal.error'),
};

const healthSchema: JsonSchema = {
  type: 'object',
  additionalProperties: false,
  required: ['status', 'ready', 'notReady'],
  properties: {
    status: { const: 'ok' },
    ready: { type: 'boolean' },
    notReady: { type: 'array', items: { type: 'string' }, description: 'The parts that are not ready' },
  },
};

const health = (description: string) => ({
  description,
  content: { 'application/json': { schema: healthSchema } },
});

const healthPath = {
  get: {
    operationId: 'healthz',
    summary: 'Whether the service is up, and what is not ready',
    description: 'Open to everybody. It asks the parts at most once in a few seconds.',
    tags: ['health'],
    security: [],
    responses: {
      ...openAnswers,
      200: health('Up and ready'),
      503: health('Up, with the parts that are not ready named'),
    },
  },
};

const resourceSchema: JsonSchema = {
  type: 'object',
  description: 'RFC 9728 protected resource metadata',
  required: ['resource', 'bearer_methods_supported', 'resource_name'],
  properties: {
    resource: { type: 'string', format: 'uri' },
    bearer_methods_supported: { type: 'array', items: { type: 'string' } },
    resource_name: { type: 'string' },
    authorization_servers: { type: 'array', items: { type: 'string', format: 'uri' } },
  },
};

const resourcePath = (operationId: string, what: string) => ({
  get: {
    operationId,
    summary: `How to authenticate at ${what} (RFC 9728)`,
    description: 'Open to everybody: a client that knows only the url finds out here how to authenticate.',
    tags: ['authentication'],
    security: [],
    responses: {
      ...openAnswers,
      200: { description: 'The metadata', content: { 'application/json': { schema: resourceSchema } } },
    },
  },
});

export const openPaths = {
  '/healthz': healthPath,
  '/.well-known/oauth-protected-resource': resourcePath('protected_resource', 'the API'),
  '/.well-known/oauth-protected-resource/mcp': resourcePath('protected_resource_mcp', 'the MCP endpoint'),
};
