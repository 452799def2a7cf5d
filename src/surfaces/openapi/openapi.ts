/** Renders the operation table as OpenAPI 3.1. Generated into docs/openapi.json and served as it is. */

import { isRecorded } from '../../audit/execute-audited.ts';
import { type ErrorCode, errorCatalogue } from '../../base/errors.ts';
import type { Operation } from '../../operation/operation.ts';
import { givesTag, takesMatch } from '../entity-tag.ts';
import { inputSchemaOf, type JsonSchema, outputSchemaOf } from '../json-schemas.ts';
import { takesYaml } from '../yaml-body.ts';
import { frontAnswers, info, openPaths, problemSchema, securitySchemes, tags } from './openapi-frame.ts';
import { registryPaths, registrySchemas } from './openapi-registry.ts';
import { hoisted, propertiesOf, requiredOf, type Schemas, without } from './schema-parts.ts';

/** What every operation may answer besides its own errors. */
const commonErrors: readonly ErrorCode[] = [
  'request.invalid',
  'access.unauthenticated',
  'access.denied',
  'request.host-not-allowed',
  'request.throttled',
  'internal.error',
];
const bodyErrors: readonly ErrorCode[] = ['request.not-json', 'request.too-large'];

const reference = (name: string): JsonSchema => ({ $ref: `#/components/schemas/${name}` });

/** An operation's input or output is written once, and its routes refer to it. */
function component(name: string, schema: JsonSchema, schemas: Schemas): JsonSchema {
  schemas[name] = schema;
  return reference(name);
}

export function renderOpenApi(operations: readonly Operation[], version: string): JsonSchema {
  const schemas: Schemas = { Problem: problemSchema, ...registrySchemas };
  const paths: Record<string, Record<string, unknown>> = { ...openPaths, ...registryPaths };
  const add = (path: string, method: string, item: unknown): void => {
    paths[path] = { ...paths[path], [method.toLowerCase()]: item };
  };
  for (const operation of operations) {
    add(pathOf(operation), operation.http.method, routeItem(operation, schemas));
    add(`/tools/${operation.id}`, 'POST', toolItem(operation, schemas));
    if (operation.resource)
      add(`/resources/${operation.id}/{${operation.resource.key}}`, 'GET', resourceItem(operation, schemas));
  }
  return {
    openapi: '3.1.0',
    info: { ...info, version },
    servers: [{ url: '/' }],
    tags,
    paths,
    components: { schemas, securitySchemes },
    security: [{ bearer: [] }, { basic: [] }],
  };
}

/** OpenAPI knows no field that goes over slashes; percent-encoded it is one of the others. */
const pathOf = ({ http }: Operation): string => http.path.replaceAll('+}', '}');

function routeItem(operation: Operation, schemas: Schemas) {
  const { method } = operation.http;
  const input = hoisted(inputSchemaOf(operation), schemas);
  const inPath = [...pathOf(operation).matchAll(/\{(\w+)\}/g)].map(([, name = '']) => name);
  const properties = propertiesOf(input);
  const parameters: unknown[] = inPath.map((name) =>
    parameter({ name, place: 'path', schema: properties[name] ?? { type: 'string' }, required: true }),
  );
  const rest = without(input, inPath);
  if (method === 'GET' || method === 'DELETE') {
    for (const [name, schema] of Object.entries(propertiesOf(rest))) {
      parameters.push(parameter({ name, place: 'query', schema, required: requiredOf(rest).includes(name) }));
    }
    if (takesMatch(operation)) parameters.push(ifMatch);
    return item(operation, { suffix: '', parameters, schemas });
  }
  if (takesMatch(operation)) parameters.push(ifMatch);
  return item(operation, { suffix: '', parameters, schemas, body: withoutNeed(operation, rest) });
}

/** A body need not say the revision that the header may say. */
const withoutNeed = (operation: Operation, body: JsonSchema): JsonSchema =>
  takesMatch(operation) && requiredOf(body).includes('revision')
    ? { ...body, required: requiredOf(body).filter((name) => name !== 'revision') }
    : body;

const ifMatch = {
  name: 'If-Match',
  in: 'header',
  required: false,
  description: 'The ETag of what was read, instead of the field revision; W/ and * are refused',
  schema: { type: 'string' },
};

const etag = {
  ETag: {
    description: 'The revision in quotes, for If-Match',
    schema: { type: 'string', pattern: '^"\\d+"$' },
  },
};

const toolItem = (operation: Operation, schemas: Schemas) =>
  item(operation, {
    suffix: '_tool',
    parameters: [],
    schemas,
    body: hoisted(inputSchemaOf(operation), schemas),
  });

/** The body of a route without a path is the whole input, that of `/tools/{id}` always. */
const bodyName = ({ id }: Operation, { suffix, parameters }: ItemParts): string =>
  suffix === '_tool' || parameters.length === 0 ? `${id}_input` : `${id}_body`;

function resourceItem(operation: Operation, schemas: Schemas) {
  const name = operation.resource?.key ?? '';
  const schema = propertiesOf(hoisted(inputSchemaOf(operation), schemas))[name] ?? { type: 'string' };
  return item(operation, {
    suffix: '_resource',
    parameters: [parameter({ name, place: 'path', schema, required: true })],
    schemas,
  });
}

interface ItemParts {
  readonly suffix: string;
  readonly parameters: unknown[];
  readonly schemas: Schemas;
  readonly body?: JsonSchema;
}

function item(operation: Operation, parts: ItemParts) {
  const { suffix, parameters, schemas, body } = parts;
  const optional = body !== undefined && requiredOf(body).length === 0;
  const schema = body && component(bodyName(operation, parts), body, schemas);
  return {
    operationId: `${operation.id}${suffix}`,
    summary: operation.summary,
    description: descriptionOf(operation, suffix),
    tags: [suffix === '' ? 'operations' : suffix === '_tool' ? 'tools' : 'resources'],
    'x-required-role': operation.access,
    ...(parameters.length > 0 && { parameters }),
    ...(schema && { requestBody: { required: !optional, content: bodies(operation, schema) } }),
    responses: {
      ...frontAnswers,
      ...successes(operation, schemas),
      ...failures(operation, body === undefined ? [] : bodyErrors),
    },
  };
}

const sentence = (text: string): string => (/[.!?]$/.test(text) ? text : `${text}.`);

/** The summary as a sentence, what role it needs, and by which other ways the same is done. */
function descriptionOf({ id, summary, access, http, resource }: Operation, suffix: string): string {
  const ways = [
    ...(suffix === '' ? [] : [`${http.method} ${http.path.replaceAll('+}', '}')}`]),
    ...(suffix === '_tool' ? [] : [`POST /tools/${id}`]),
    ...(resource && suffix !== '_resource' ? [`GET /resources/${id}/{${resource.key}}`] : []),
    `the MCP tool ${id}`,
  ];
  return `${sentence(summary)} Needs the role ${access}. The same as ${ways.join(', ')}.`;
}

/** A text of YAML may be the body itself: the other fields are then in the query. */
const bodies = (operation: Operation, schema: JsonSchema) => ({
  'application/json': { schema },
  ...(takesYaml(operation) && { 'application/yaml': { schema: { type: 'string', description: ofYaml } } }),
});

const ofYaml = 'The field yaml alone; the others go into the query, as in ?takeOver=true&variables.OWNER=me';

function successes(operation: Operation, schemas: Schemas) {
  const schema = component(`${operation.id}_output`, hoisted(outputSchemaOf(operation), schemas), schemas);
  const { statuses, saying = {} } = operation.http;
  const answer = (status: number) => ({
    description: saying[status] ?? operation.summary,
    ...(givesTag(operation) && { headers: etag }),
    content: { 'application/json': { schema } },
  });
  return Object.fromEntries(statuses.map((status) => [status, answer(status)]));
}

function failures(operation: Operation, more: readonly ErrorCode[]) {
  const own = [...operation.errors, ...(isRecorded(operation) ? (['audit.unavailable'] as const) : [])];
  const byStatus = new Map<number, ErrorCode[]>();
  for (const code of new Set([...commonErrors, ...more, ...own])) {
    const { status } = errorCatalogue[code];
    byStatus.set(status, [...(byStatus.get(status) ?? []), code]);
  }
  const content = { 'application/problem+json': { schema: reference('Problem') } };
  return Object.fromEntries(
    [...byStatus].map(([status, codes]) => [status, { description: codes.join(', '), content }]),
  );
}

interface ParameterParts {
  readonly name: string;
  readonly place: 'path' | 'query';
  readonly schema: JsonSchema;
  readonly required: boolean;
}

const parameter = ({ name, place, schema, required }: ParameterParts) => ({
  name,
  in: place,
  required,
  ...(typeof schema['description'] === 'string' && { description: schema['description'] }),
  schema,
});
