/**
 * Revisions as entity tags (RFC 9110, 8.8.3 and 13.1.1): what shows a revision carries it as `ETag`, and what takes one
 * takes it as `If-Match` too. Whether the revision is still the one that was read is decided by the operation.
 */
import * as z from 'zod';
import type { Fault } from '../base/errors.ts';
import type { Operation } from '../operation/operation.ts';

export const matchHeader = 'if-match';

const hasRevision = (schema: z.ZodType): boolean =>
  schema instanceof z.ZodObject && isNumber(schema.shape['revision']);

/** Revisions of other kinds, as of an answer of `discover_service`, are texts. */
function isNumber(schema: unknown): boolean {
  if (schema instanceof z.ZodOptional) return isNumber(schema.unwrap());
  return schema instanceof z.ZodNumber;
}

/** Whether its input has a revision that `If-Match` may say. */
export const takesMatch = ({ input }: Pick<Operation, 'input'>): boolean => hasRevision(input);

/** Whether its answers carry an `ETag`. */
export const givesTag = ({ output }: Pick<Operation, 'output'>): boolean => hasRevision(output);

const Revised = z.looseObject({ revision: z.number().int() });

export function tagOf(operation: Operation, output: unknown): Record<string, string> {
  if (!givesTag(operation)) return {};
  const { data } = Revised.safeParse(output);
  return data ? { etag: `"${data.revision}"` } : {};
}

/** The revision that an `If-Match` names, or what is wrong with it. */
export function revisionIn(header: string): number | Fault {
  const text = header.trim();
  const [, digits] = /^"?(\d{1,16})"?$/.exec(text) ?? [];
  if (digits !== undefined && text.startsWith('"') === text.endsWith('"')) return Number(digits);
  return { path: 'revision', message: `is no revision in the If-Match header: ${whyNot(text)}` };
}

function whyNot(text: string): string {
  if (text === '*') return '* would overwrite what nobody has read; name the revision that was read';
  if (text.startsWith('W/'))
    return 'a weak tag does not say which revision was read; send the ETag as it came';
  if (text.includes(',')) return 'only one can have been read';
  return 'it has to be a number, as the ETag of the answer that was read';
}
