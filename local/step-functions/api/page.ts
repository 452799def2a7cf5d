/** Paging with opaque tokens. A token holds what it belongs to, so one of another list is refused. */
import { ApiError } from './api-error.ts';

const mostResults = 1_000;
const usualResults = 100;

/** Zero means the default, as on AWS. */
export const pageSize = (maxResults: number | undefined): number =>
  Math.min(maxResults || usualResults, mostResults);

export const pageToken = (of: string, position: number): string =>
  Buffer.from(JSON.stringify([of, position])).toString('base64url');

/** The position a token stands for; undefined without a token. */
export function positionOf(token: string | undefined, of: string): number | undefined {
  if (token === undefined) return undefined;
  try {
    const parts: unknown = JSON.parse(Buffer.from(token, 'base64url').toString());
    if (Array.isArray(parts) && parts[0] === of && Number.isSafeInteger(parts[1])) return Number(parts[1]);
  } catch {
    // Falls through: what does not parse is not one of ours.
  }
  throw new ApiError('InvalidToken', `Invalid Token: '${token}'`);
}
