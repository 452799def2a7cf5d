/** Pages of a list of emails, oldest first. A cursor names the last email of its page: mail that arrives moves nothing. */
import * as z from 'zod';
import type { Email } from './email.ts';

export const mostOnPage = 500;
export const usualPage = 100;

export interface PageOptions {
  readonly limit?: number | undefined;
  /** Absent or empty: the first page. */
  readonly cursor?: string | undefined;
}

export interface Page {
  readonly emails: Email[];
  /** Absent on the last page. */
  readonly nextCursor?: string;
}

type Place = Pick<Email, 'date' | 'id'>;

const Place = z.tuple([z.string(), z.string()]).transform(([date, id]) => ({ date, id }));

/** By code units, so that a cursor means the same wherever it is read. */
export function byTime(one: Place, other: Place): number {
  const [left, right] = one.date === other.date ? [one.id, other.id] : [one.date, other.date];
  if (left === right) return 0;
  return left < right ? -1 : 1;
}

/** Undefined for a cursor that no page has given. */
export function pageOf(
  emails: readonly Email[],
  { limit = usualPage, cursor = '' }: PageOptions,
): Page | undefined {
  const after = cursor === '' ? undefined : placeOf(cursor);
  if (cursor !== '' && after === undefined) return undefined;
  const rest = after === undefined ? emails : emails.filter((email) => byTime(email, after) > 0);
  const page = rest.slice(0, limit);
  const last = page.at(-1);
  return { emails: page, ...(last && rest.length > page.length && { nextCursor: cursorOf(last) }) };
}

const cursorOf = ({ date, id }: Place): string =>
  Buffer.from(JSON.stringify([date, id])).toString('base64url');

function placeOf(cursor: string): Place | undefined {
  try {
    return Place.safeParse(JSON.parse(Buffer.from(cursor, 'base64url').toString())).data;
  } catch {
    return undefined;
  }
}
