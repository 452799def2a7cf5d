/** Opaque cursors of lists: what DynamoDB needs to go on, as base64url text that clients pass back unread. */
import type * as z from 'zod';
import { OrchestratorError } from '../base/errors.ts';
import type { Item } from './documents.ts';

export const encodeCursor = (position: Item): string =>
  Buffer.from(JSON.stringify(position)).toString('base64url');

/** The position in a cursor. Throws `request.invalid` at `cursor` for a text that no list has given. */
export function decodeCursor<T>(cursor: string, shape: z.ZodType<T>): T {
  try {
    return shape.parse(JSON.parse(Buffer.from(cursor, 'base64url').toString()));
  } catch (cause) {
    const message = 'is not a cursor of this list; leave it out to start from the beginning';
    throw new OrchestratorError('request.invalid', `cursor ${message}`, {
      errors: [{ path: 'cursor', message }],
      cause,
    });
  }
}
