/** Times in filters: an ISO 8601 time, or a date, which means the first moment of that day in UTC. */
import * as z from 'zod';

const rule = 'must be a date or a time of ISO 8601, such as 2026-11-27 or 2026-11-27T14:30:00Z';

export const Moment = z
  .union([z.iso.date(), z.iso.datetime({ offset: true })], { error: rule })
  .meta({ examples: ['2026-11-27', '2026-11-27T14:30:00Z'] });
