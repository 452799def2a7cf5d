/** The fields that every list takes and gives. */
import * as z from 'zod';
import { wholeNumber } from '../domain/bounded-number.ts';

export const Limit = wholeNumber({ from: 1, to: 100, such: 20 })
  .default(20)
  .describe('How many at most, 1 to 100');
export const Cursor = z.string().min(1).max(2000).optional().describe('nextCursor of the page before');

export const nextPage = (nextCursor: string | undefined): { nextCursor?: string } =>
  nextCursor === undefined ? {} : { nextCursor };
