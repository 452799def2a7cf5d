/** The query of `GET /v0.1/servers`. Parameters that are not known are left alone: clients of later versions send more. */
import * as z from 'zod';
import { OrchestratorError } from '../../base/errors.ts';
import { faultsOf, faultsText } from '../../base/faults.ts';
import { Name, Version } from '../../registry/services/model/service-terms.ts';

/** A date means its first moment in UTC, as in every other list. */
const isInstant = (text: string): boolean =>
  /^\d{4}-\d\d-\d\d(T\d\d:\d\d:\d\d(\.\d{1,9})?(Z|[+-]\d\d:\d\d))?$/i.test(text) &&
  !Number.isNaN(Date.parse(text));

/** Where a listing goes on: after this version of a service, or after the whole service. */
const Position = z.strictObject({ name: Name, version: Version.optional() });
export type Position = z.infer<typeof Position>;

export const encodePosition = (position: Position): string =>
  btoa(JSON.stringify(position)).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');

const cursorRule = 'is not a cursor of this list; leave it out to start from the beginning';

const Cursor = z
  .string()
  .max(500)
  .transform((text, { addIssue }): Position => {
    const position = Position.safeParse(decodeJson(text));
    if (position.success) return position.data;
    addIssue({ code: 'custom', message: cursorRule });
    return z.NEVER;
  });

function decodeJson(text: string): unknown {
  try {
    return JSON.parse(atob(text.replaceAll('-', '+').replaceAll('_', '/')));
  } catch {
    return undefined;
  }
}

const limitRule = 'must be a whole number from 1 to 100';

export const RegistryQuery = z.object({
  cursor: Cursor.optional(),
  limit: z
    .string()
    .regex(/^\d{1,3}$/, limitRule)
    .transform(Number)
    .refine((limit) => limit >= 1 && limit <= 100, limitRule)
    .default(30),
  search: z
    .string()
    .max(200)
    .transform((text) => text.toLowerCase())
    .optional(),
  updated_since: z
    .string()
    .refine(
      isInstant,
      'must be a date, or a time as RFC 3339 has it, such as 2026-01-31 or 2026-01-31T12:00:00Z',
    )
    .transform((text) => Date.parse(text))
    .optional(),
  version: z.string().max(64).optional(),
});
export type RegistryQuery = z.infer<typeof RegistryQuery>;

/** Throws `request.invalid` with every parameter that is wrong. An empty parameter counts as left out. */
export function parseRegistryQuery(query: Readonly<Record<string, readonly string[]>>): RegistryQuery {
  const known = Object.keys(RegistryQuery.shape);
  const given = Object.entries(query).filter(([name, [value]]) => known.includes(name) && value !== '');
  const repeated = given
    .filter(([, values]) => values.length > 1)
    .map(([path]) => ({ path, message: 'is given more than once' }));
  const parsed = RegistryQuery.safeParse(Object.fromEntries(given.map(([name, [value]]) => [name, value])));
  const errors = [...repeated, ...(parsed.success ? [] : faultsOf(parsed.error))];
  if (parsed.success && errors.length === 0) return parsed.data;
  throw new OrchestratorError('request.invalid', faultsText(errors), { errors });
}
