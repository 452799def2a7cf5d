/** What the operations ask and show of the time that they are about. */
import * as z from 'zod';
import { wholeNumber } from '../../base/bounded-number.ts';
import { Moment } from '../../operation/query.ts';
import { mostMinutes } from './model/window.ts';

export const windowFields = {
  windowMinutes: wholeNumber({ from: 1, to: mostMinutes, example: 60 })
    .optional()
    .describe('The last so many minutes, with the one that goes on; 60 when nothing is said'),
  from: Moment.optional().describe('From this time on, instead of windowMinutes'),
  to: Moment.optional().describe('Up to this time, at most 31 days after from; now when left out'),
  resolutionMinutes: wholeNumber({ from: 1, to: mostMinutes, example: 15 })
    .optional()
    .describe(
      'How many minutes each point of the series has; when left out 1, 5, 15, 60, 360 or 1440, for about 24 points; whole hours where the window is longer than a day',
    ),
};

export const ShownWindow = {
  from: z.string().describe('The first moment that is counted'),
  to: z.string().describe('The first one after it'),
  complete: z
    .boolean()
    .describe('Whether all that was asked for was read; else from is later than it was asked for'),
  resolutionMinutes: z.number().int().describe('Minutes of each point of the series'),
};
