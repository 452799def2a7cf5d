/**
 * One page of a list of which some entries are left out. It is filled as far as a bounded number of reads goes, and it
 * looks one entry further: a page with a cursor is followed by another entry, unless the reads were used up.
 */

export interface Entry<T, Position> {
  /** Undefined for one that is left out. */
  readonly value: T | undefined;
  /** Where a list goes on after it. */
  readonly position: Position;
}

export interface ListRead<T, Position> {
  readonly entries: readonly Entry<T, Position>[];
  /** Where the list goes on after all of them; undefined at its end. */
  readonly next: Position | undefined;
}

export interface FilledPage<T, Position> {
  readonly items: T[];
  readonly next: Position | undefined;
}

interface PageOf<T, Position> {
  readonly from: Position;
  readonly limit: number;
  readonly mostReads: number;
  /** How many entries are read together; one more than the limit when left out, which is right where few are left out. */
  readonly atOnce?: number | undefined;
  /** Entries that a page may look at; no more are read once there were so many. */
  readonly mostEntries?: number;
  /** At most `limit` entries from there on. */
  read(from: Position, limit: number): Promise<ListRead<T, Position>>;
}

export async function filledPage<T, Position>(page: PageOf<T, Position>): Promise<FilledPage<T, Position>> {
  const { limit, mostReads, mostEntries = Number.POSITIVE_INFINITY } = page;
  const atOnce = Math.max(page.atOnce ?? 0, limit + 1);
  const items: T[] = [];
  let full: Position | undefined;
  let from: Position | undefined = page.from;
  let seen = 0;
  for (let reads = 0; from !== undefined && reads < mostReads && seen < mostEntries; reads++) {
    const { entries, next }: ListRead<T, Position> = await page.read(from, atOnce);
    seen += entries.length;
    for (const { value, position } of entries) {
      if (value === undefined) continue;
      if (items.length === limit) return { items, next: full };
      items.push(value);
      full = position;
    }
    from = next;
  }
  return { items, next: from };
}
