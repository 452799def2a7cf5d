/**
 * Where a search goes on: at a time a little before the last line, since CloudWatch Logs takes lines of different functions
 * in at different times, and with a mark of each line from then on that has been given.
 */
import * as z from 'zod';

export interface FoundLine {
  /** When it was written, in milliseconds since the epoch. */
  readonly atMs: number;
  readonly text: string;
}

const mostMarks = 150;
const lookBackMs = 10_000;

/** Marks with the milliseconds after `fromMs`. */
export const Place = z.strictObject({
  fromMs: z.number(),
  seen: z.array(z.tuple([z.number(), z.string().max(8)])).max(mostMarks),
});
export type Place = z.infer<typeof Place>;

type Hash = (text: string) => string;

const markOf = ({ text, atMs }: FoundLine, hash: Hash): string => hash(`${atMs} ${text}`).slice(0, 8);

export function unseen(lines: readonly FoundLine[], { seen }: Place, hash: Hash): FoundLine[] {
  const marks = new Set(seen.map(([, mark]) => mark));
  return lines.filter((line) => !marks.has(markOf(line, hash)));
}

/** At this time or, where it is there already, where it is. */
export function advanced(place: Place, toMs: number): Place {
  const byMs = toMs - place.fromMs;
  if (byMs <= 0) return place;
  const seen = place.seen.filter(([after]) => after >= byMs);
  return { fromMs: toMs, seen: seen.map(([after, mark]) => [after - byMs, mark]) };
}

/** After these lines, oldest first, have been given. */
export function placeAfter(place: Place, given: readonly FoundLine[], hash: Hash): Place {
  const last = given.at(-1);
  if (!last) return place;
  const before = place.seen.map(([after, mark]) => ({ atMs: place.fromMs + after, mark }));
  const all = [...before, ...given.map((line) => ({ atMs: line.atMs, mark: markOf(line, hash) }))]
    .filter(({ atMs }) => atMs >= last.atMs - lookBackMs)
    .sort((a, b) => b.atMs - a.atMs);
  const dropped = all[mostMarks];
  const earliest = Math.max(place.fromMs, last.atMs - lookBackMs);
  const fromMs = dropped === undefined ? earliest : Math.max(earliest, dropped.atMs + 1);
  const seen = all.slice(0, mostMarks).filter(({ atMs }) => atMs >= fromMs);
  return { fromMs, seen: seen.map(({ atMs, mark }) => [atMs - fromMs, mark]) };
}
