/**
 * Finds tools by words, in memory. A word counts more the fewer tools have it (Okapi BM25, without the lengths of
 * texts, which are cut anyway), more in a name than in a description, less where only a beginning or a word with one
 * other letter is met. Tools that meet more of the words come first; one that is named exactly so comes before all.
 */
import type { ToolSummary } from './catalogue.ts';

export interface IndexedTool extends ToolSummary {
  readonly service: string;
  readonly version: string;
}

export interface Query {
  readonly words: string;
  /** Which tools are looked at at all. */
  readonly among: (tool: IndexedTool) => boolean;
}

export interface ToolIndex {
  readonly tools: readonly IndexedTool[];
  /** The best first; all of them, in the order of their names, when there are no words. */
  search(query: Query): IndexedTool[];
}

const weights = { name: 4, title: 2, service: 1.5, description: 1 } as const;
const beginning = 0.5;
const mistyped = 0.25;
const exactly = 1_000;
const shortestMistyped = 4;

/** For each tool by its number, the weight of a term in it. */
type Postings = Map<number, number>;

/** Words in lower case; `getEmail` and `get_email` are two. */
export const wordsOf = (text: string): string[] =>
  text
    .replace(/(\p{Ll})(\p{Lu})/gu, '$1 $2')
    .toLowerCase()
    .match(/[\p{L}\p{N}]+/gu) ?? [];

export function createToolIndex(unsorted: readonly IndexedTool[]): ToolIndex {
  const tools = [...unsorted].sort((a, b) => compare(a.service, b.service) || compare(a.name, b.name));
  const terms = new Map<string, Postings>();
  for (const [number, tool] of tools.entries()) addTool(terms, number, tool);
  const vocabulary = [...terms.keys()].sort(compare);

  const idf = (postings: Postings): number => Math.log(1 + tools.length / postings.size);

  function met(word: string): Postings {
    const found: Postings = new Map();
    const add = (term: string, share: number): void => {
      const postings = terms.get(term);
      if (!postings) return;
      const factor = share * idf(postings);
      for (const [number, weight] of postings)
        found.set(number, Math.max(found.get(number) ?? 0, weight * factor));
    };
    add(word, 1);
    for (const term of beginningWith(vocabulary, word)) if (term !== word) add(term, beginning);
    if (found.size > 0 || word.length < shortestMistyped) return found;
    for (const term of vocabulary) if (isOneEditAway(word, term)) add(term, mistyped);
    return found;
  }

  function scored(words: string): Map<number, number> {
    const asked = [...new Set(wordsOf(words))];
    const sums = new Map<number, { score: number; met: number }>();
    for (const word of asked)
      for (const [number, score] of met(word)) {
        const sum = sums.get(number) ?? { score: 0, met: 0 };
        sums.set(number, { score: sum.score + score, met: sum.met + 1 });
      }
    const wanted = words.trim().toLowerCase();
    return new Map(
      [...sums].map(([number, sum]) => [
        number,
        sum.score * (sum.met / asked.length) ** 2 + (isNamed(tools[number], wanted) ? exactly : 0),
      ]),
    );
  }

  return {
    tools,
    search({ words, among }) {
      if (words.trim() === '') return tools.filter(among);
      return [...scored(words)]
        .sort(([a, scoreOfA], [b, scoreOfB]) => scoreOfB - scoreOfA || a - b)
        .flatMap(([number]) => tools[number] ?? [])
        .filter(among);
    },
  };
}

const isNamed = (tool: IndexedTool | undefined, wanted: string): boolean =>
  tool !== undefined &&
  [tool.name, `${tool.service}.${tool.name}`].some((one) => one.toLowerCase() === wanted);

function addTool(terms: Map<string, Postings>, number: number, tool: IndexedTool): void {
  for (const [field, weight] of [
    ['name', weights.name],
    ['title', weights.title],
    ['service', weights.service],
    ['description', weights.description],
  ] as const)
    for (const term of new Set(wordsOf(tool[field] ?? ''))) {
      const postings: Postings = terms.get(term) ?? new Map();
      postings.set(number, Math.max(postings.get(number) ?? 0, weight));
      terms.set(term, postings);
    }
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

function* beginningWith(sorted: readonly string[], prefix: string): Generator<string> {
  let from = 0;
  let to = sorted.length;
  while (from < to) {
    const middle = (from + to) >> 1;
    if ((sorted[middle] ?? '') < prefix) from = middle + 1;
    else to = middle;
  }
  for (let at = from; sorted[at]?.startsWith(prefix); at += 1) yield sorted[at] ?? '';
}

/** One letter more, less, or another one. */
function isOneEditAway(a: string, b: string): boolean {
  if (Math.abs(a.length - b.length) > 1) return false;
  let start = 0;
  while (start < a.length && a[start] === b[start]) start += 1;
  let end = 0;
  const shorter = Math.min(a.length, b.length);
  while (end < shorter - start && a.at(-1 - end) === b.at(-1 - end)) end += 1;
  return Math.max(a.length, b.length) - start - end <= 1;
}
