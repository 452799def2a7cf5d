/** The fields that lists take and give. */
import * as z from 'zod';
import { wholeNumber } from '../base/bounded-number.ts';

export const Limit = wholeNumber({ from: 1, to: 100, example: 20 })
  .default(20)
  .describe('How many at most, 1 to 100');
export const Cursor = z.string().min(1).max(2000).optional().describe('nextCursor of the page before');

export const nextPage = (nextCursor: string | undefined): { nextCursor?: string } =>
  nextCursor === undefined ? {} : { nextCursor };

/** A time in a filter: of ISO 8601, or a date, which means the first moment of that day in UTC. */
const rule = 'must be a date or a time of ISO 8601, such as 2026-11-27 or 2026-11-27T14:30:00Z';

export const Moment = z
  .union([z.iso.date(), z.iso.datetime({ offset: true })], { error: rule })
  .meta({ examples: ['2026-11-27', '2026-11-27T14:30:00Z'] });
