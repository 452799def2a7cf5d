/** A page of a query or scan: at most 1 MB of what is looked at, and at most `limit` items of it. */
import type { Condition } from '../expressions/condition.ts';
import { holds } from '../expressions/holds.ts';
import { projected } from '../expressions/path-access.ts';
import type { Path } from '../expressions/references.ts';
import type { Range } from '../storage/environment.ts';
import { rangeAfter } from '../storage/keys.ts';
import type { Store } from '../storage/store.ts';
import { Turns } from '../storage/turns.ts';
import type { Item } from '../values/attribute-value.ts';
import { readUnits, type Shown, shownCapacity } from './capacity.ts';
import type { Found, ReadSource } from './read-source.ts';

export interface PageRequest {
  readonly source: ReadSource;
  readonly range: Range;
  readonly limit: number | undefined;
  readonly filter: Condition | undefined;
  /** Undefined: the items as the source has them. */
  readonly projection: readonly Path[] | undefined;
  /** With what an index does not hold. */
  readonly whole: boolean;
  readonly countOnly: boolean;
  readonly consistent: boolean;
  readonly shown: Shown;
}

const largestPage = 1024 * 1024;

export async function readPage(store: Store, request: PageRequest): Promise<string> {
  const page = new Page(request);
  const turns = new Turns();
  let rest: Range = request.range;
  for (let more = true; more; ) {
    more = false;
    for (const entry of store.environment.entries(rest)) {
      const found = request.source.found(entry, request.whole);
      if (found !== undefined) page.add(found);
      if (page.isFull) return page.answer();
      if (!turns.isOver) continue;
      rest = rangeAfter(rest, entry.key);
      more = true;
      break;
    }
    if (more) await turns.next();
  }
  return page.answer();
}

class Page {
  readonly #request: PageRequest;
  readonly #items: string[] = [];
  #count = 0;
  #scanned = 0;
  #bytes = 0;
  #last: Found | undefined;
  isFull = false;

  constructor(request: PageRequest) {
    this.#request = request;
  }

  add(found: Found): void {
    const { filter, limit, countOnly } = this.#request;
    this.#scanned += 1;
    this.#bytes += found.size;
    if (filter === undefined || holds(filter, found.item())) {
      this.#count += 1;
      if (!countOnly) this.#items.push(this.#shown(found));
    }
    this.isFull = this.#scanned === limit || this.#bytes >= largestPage;
    this.#last = found;
  }

  #shown(found: Found): string {
    const { projection } = this.#request;
    return projection === undefined ? found.json() : JSON.stringify(projected(found.item(), projection));
  }

  answer(): string {
    const { source, consistent, shown, countOnly } = this.#request;
    const units = readUnits(this.#bytes, consistent);
    const indexUnits = source.index ? { [source.index.name]: units } : {};
    const capacity = shownCapacity(shown, { table: source.table, units, indexUnits });
    const next: Item | undefined =
      this.isFull && this.#last ? source.startKeyOf(this.#last.item()) : undefined;
    const fields = [
      `"Count":${this.#count},"ScannedCount":${this.#scanned}`,
      ...(countOnly ? [] : [`"Items":[${this.#items.join(',')}]`]),
      ...(next ? [`"LastEvaluatedKey":${JSON.stringify(next)}`] : []),
      ...(capacity ? [`"ConsumedCapacity":${JSON.stringify(capacity)}`] : []),
    ];
    return `{${fields.join(',')}}`;
  }
}
