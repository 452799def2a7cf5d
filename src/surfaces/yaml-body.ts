/**
 * Bodies in YAML, for operations that take a text of it in their field `yaml`: the body is that field, and the others
 * are in the query, those of a map as `variables.NAME=value`.
 */
import * as z from 'zod';
import type { Operation } from '../operation/operation.ts';
import type { HttpRequest } from './http.ts';

/** RFC 9512, and what was in use before. */
const yamlTypes: ReadonlySet<string> = new Set([
  'application/yaml',
  'application/x-yaml',
  'text/yaml',
  'text/x-yaml',
]);

export const takesYaml = ({ input }: Pick<Operation, 'input'>): boolean =>
  input instanceof z.ZodObject && Object.hasOwn(input.shape, 'yaml');

export function isYaml(operation: Pick<Operation, 'input'>, { headers }: HttpRequest): boolean {
  const [type = ''] = (headers['content-type'] ?? '').split(';', 1);
  return yamlTypes.has(type.trim().toLowerCase()) && takesYaml(operation);
}

/** `variables.OWNER` of the query as the field OWNER of `variables`. */
export function withMaps(fields: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const maps = new Map<string, [string, unknown][]>();
  const others: [string, unknown][] = [];
  for (const [name, value] of Object.entries(fields)) {
    const [map = '', ...rest] = name.split('.');
    if (rest.length === 0) others.push([name, value]);
    else maps.set(map, [...(maps.get(map) ?? []), [rest.join('.'), value]]);
  }
  return Object.fromEntries([
    ...others,
    ...[...maps].map(([name, entries]): [string, unknown] => [name, Object.fromEntries(entries)]),
  ]);
}
