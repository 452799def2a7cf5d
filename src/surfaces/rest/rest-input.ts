/**
 * Puts the input of an operation together from a request: path, query and body are one object. A field that
 * is said twice in different ways is refused, never silently decided.
 */
import * as z from 'zod';
import { type Fault, OrchestratorError } from '../../base/errors.ts';
import { faultsText } from '../../base/faults.ts';
import { inexactNumbers, refusedNumber } from '../../base/json-numbers.ts';
import { deepestNesting, isTooDeep } from '../../base/nesting.ts';
import type { Operation } from '../../operation/operation.ts';
import { matchHeader, revisionIn, takesMatch } from '../entity-tag.ts';
import type { HttpRequest } from '../http.ts';
import { isYaml, takesYaml, withMaps } from '../yaml-body.ts';

type Fields = Record<string, unknown>;

export interface RequestPlace {
  readonly request: HttpRequest;
  readonly pathFields: Readonly<Record<string, string>>;
}

export function inputOf(operation: Operation, { request, pathFields }: RequestPlace): Fields {
  const faults: Fault[] = [];
  const fields = givenFields(operation, request, faults);
  for (const [name, text] of Object.entries(decoded(pathFields, faults)))
    setOnce(fields, { name, value: readAs(shapeOf(operation.input)[name], text), said: 'the path' }, faults);
  const key = request.headers['idempotency-key'];
  if (key !== undefined && 'idempotencyKey' in shapeOf(operation.input)) {
    setOnce(fields, { name: 'idempotencyKey', value: key, said: 'the Idempotency-Key header' }, faults);
  }
  addMatch(operation, request, { fields, faults });
  if (faults.length > 0)
    throw new OrchestratorError('request.invalid', faultsText(faults), { errors: faults });
  return fields;
}

function givenFields(operation: Operation, request: HttpRequest, faults: Fault[]): Fields {
  if (!hasBody(request)) return queryOf(operation, request, faults);
  if (!isYaml(operation, request)) return bodyOrAdvice(operation, request);
  const yaml = request.body ?? '';
  return { ...withMaps(queryOf(operation, request, faults)), yaml };
}

/** Where a body of YAML came without its content type, which curl does not set by itself, the error names it. */
function bodyOrAdvice(operation: Operation, request: HttpRequest): Fields {
  try {
    return bodyOf(request);
  } catch (error) {
    if (!(error instanceof OrchestratorError && error.code === 'request.not-json' && takesYaml(operation)))
      throw error;
    throw new OrchestratorError(
      'request.not-json',
      `${error.message}; a body of YAML needs the header content-type: application/yaml`,
    );
  }
}

function addMatch(
  operation: Operation,
  { headers }: HttpRequest,
  { fields, faults }: { fields: Fields; faults: Fault[] },
): void {
  const header = headers[matchHeader];
  if (header === undefined || !takesMatch(operation)) return;
  const value = revisionIn(header);
  if (typeof value === 'number')
    setOnce(fields, { name: 'revision', value, said: 'the If-Match header' }, faults);
  else faults.push(value);
}

const bodyMethods = ['POST', 'PUT', 'PATCH'];
const hasBody = ({ method }: HttpRequest): boolean => bodyMethods.includes(method);

/** An empty body is an empty object; any content type is read as JSON, since nothing else is accepted. */
export function bodyOf({ body }: HttpRequest): Fields {
  if (body === undefined || body.trim() === '') return {};
  if (isTooDeep(body))
    throw new OrchestratorError(
      'request.invalid',
      `The body is nested more than ${deepestNesting} levels deep`,
    );
  const parsed = parseJson(body);
  const errors = inexactNumbers(body).map(refusedNumber);
  if (errors.length > 0) throw new OrchestratorError('request.invalid', faultsText(errors), { errors });
  if (typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed)) return { ...parsed };
  throw new OrchestratorError('request.invalid', 'The body must be a JSON object', {
    errors: [{ path: '', message: 'must be a JSON object' }],
  });
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    const where = error instanceof Error ? error.message : 'it cannot be parsed';
    throw new OrchestratorError('request.not-json', `The body is not JSON: ${where}`);
  }
}

function queryOf(operation: Operation, { query }: HttpRequest, faults: Fault[]): Fields {
  const shape = shapeOf(operation.input);
  for (const [name, values] of Object.entries(query))
    if (values.length > 1) faults.push({ path: name, message: 'is given more than once' });
  const fields = Object.entries(query).map(([name, [value]]) => [name, readAs(fieldOf(shape, name), value)]);
  return Object.fromEntries(fields);
}

function decoded(pathFields: Readonly<Record<string, string>>, faults: Fault[]): Record<string, string> {
  const entries = Object.entries(pathFields).map(([name, text]): [string, string] => {
    try {
      return [name, decodeURIComponent(text)];
    } catch {
      faults.push({ path: name, message: 'is not valid percent-encoding' });
      return [name, text];
    }
  });
  return Object.fromEntries(entries);
}

function setOnce(
  fields: Fields,
  field: { name: string; value: unknown; said: string },
  faults: Fault[],
): void {
  const { name, value, said } = field;
  if (fields[name] !== undefined && fields[name] !== value) {
    faults.push({ path: name, message: `is not the same as in ${said}` });
  }
  fields[name] = value;
}

const fieldOf = (shape: Record<string, unknown>, name: string): unknown =>
  Object.hasOwn(shape, name) ? shape[name] : undefined;

const isNumeral = (text: string | undefined): boolean => text !== undefined && /^-?\d+(\.\d+)?$/.test(text);

const shapeOf = (schema: z.ZodType): Record<string, unknown> =>
  schema instanceof z.ZodObject ? schema.shape : {};

/** A text as its field wants it, where it can be read so; otherwise the schema says what is wrong. */
function readAs(schema: unknown, text: string | undefined): unknown {
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodDefault) return readAs(schema.unwrap(), text);
  if (schema instanceof z.ZodNumber && isNumeral(text)) return Number(text);
  if (schema instanceof z.ZodBoolean && (text === 'true' || text === 'false')) return text === 'true';
  return text;
}
