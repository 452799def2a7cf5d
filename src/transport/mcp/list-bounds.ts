/** Where the reading of a list in pages ends before the list does: pages may be small, so they are not counted. */

interface Page {
  readonly cursor: string | undefined;
  /** Read in all so far. */
  readonly entries: number;
  /** Of this page. */
  readonly bytes: number;
}

/** A page may bring nothing new; so many of them in a row bring nothing more. */
const mostEmptyPages = 20;

export class ListBounds {
  readonly #most: { readonly entries: number; readonly bytes: number };
  readonly #cursors = new Set<string>();
  #entries = 0;
  #bytes = 0;
  #emptyPages = 0;

  constructor(most: { readonly entries: number; readonly bytes: number }) {
    this.#most = most;
  }

  /** Why reading ends after this page though there are more; undefined where it goes on, or the list has ended. */
  endAt({ cursor, entries, bytes }: Page): string | undefined {
    this.#bytes += bytes;
    this.#emptyPages = entries > this.#entries ? 0 : this.#emptyPages + 1;
    this.#entries = entries;
    if (cursor === undefined) return undefined;
    if (entries >= this.#most.entries) return `at most ${this.#most.entries} are kept`;
    if (this.#bytes >= this.#most.bytes) return `at most ${this.#most.bytes} bytes of a list are read`;
    if (this.#cursors.has(cursor)) return 'it goes round in circles: a cursor came a second time';
    if (this.#emptyPages >= mostEmptyPages) return `${mostEmptyPages} pages in a row brought nothing new`;
    this.#cursors.add(cursor);
    return undefined;
  }
}
