/** The fields that every list takes and gives. */
import * as z from 'zod';

export const Limit = z.int().min(1).max(100).default(20).describe('How many at most, 1 to 100');
export const Cursor = z.string().min(1).max(2000).optional().describe('nextCursor of the page before');

export const nextPage = (nextCursor: string | undefined): { nextCursor?: string } =>
  nextCursor === undefined ? {} : { nextCursor };
