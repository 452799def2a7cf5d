/** Which numbers of which writers are missing among the records of a day: could not be written, or are gone. */
import * as z from 'zod';
import type { AuditEvent } from './audit-event.ts';

export const MissingRecords = z.object({
  writer: z.string(),
  from: z.int().describe('The first number that is missing'),
  to: z.int().describe('The last of those that are missing after it without a break'),
});
export type MissingRecords = Readonly<z.infer<typeof MissingRecords>>;

/**
 * Between the first and the last number of each writer; a writer that began on this day has number 1 too. What is missing
 * after its last number of the day shows on the next day on which it writes, as a first number that does not follow.
 */
export function missingNumbers(
  day: string,
  events: readonly Pick<AuditEvent, 'writer' | 'sequence'>[],
): MissingRecords[] {
  const byWriter = new Map<string, number[]>();
  for (const { writer, sequence } of events) numbersOf(byWriter, writer).push(sequence);
  return [...byWriter].flatMap(([writer, numbers]) => {
    const known = [...(beganOn(day, writer) ? [0] : []), ...numbers].sort((one, other) => one - other);
    return known.slice(1).flatMap((number, index) => {
      const before = known[index] ?? number;
      return number - before > 1 ? [{ writer, from: before + 1, to: number - 1 }] : [];
    });
  });
}

/** Ids of writers begin with the time when they began, such as `20261128T165914Z`. */
const beganOn = (day: string, writer: string): boolean => writer.startsWith(day.replaceAll('-', ''));

function numbersOf(byWriter: Map<string, number[]>, writer: string): number[] {
  const numbers = byWriter.get(writer) ?? [];
  byWriter.set(writer, numbers);
  return numbers;
}
