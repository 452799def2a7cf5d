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

/** The tools that have a term, by their numbers, and the weight of the term in each. */
interface Postings {
  readonly numbers: number[];
  readonly weights: number[];
}

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

  const idf = (postings: Postings): number => Math.log(1 + tools.length / postings.numbers.length);

  /** Puts what a word is worth for each tool into `found`; whether any has it. */
  function meet(word: string, found: Float64Array): boolean {
    let isKnown = false;
    const add = (term: string, share: number): void => {
      const postings = terms.get(term);
      if (!postings) return;
      isKnown = true;
      const factor = share * idf(postings);
      for (const [at, number] of postings.numbers.entries())
        found[number] = Math.max(found[number] ?? 0, (postings.weights[at] ?? 0) * factor);
    };
    add(word, 1);
    for (const term of beginningWith(vocabulary, word)) if (term !== word) add(term, beginning);
    if (!isKnown && word.length >= shortestMistyped)
      for (const term of vocabulary) if (isOneEditAway(word, term)) add(term, mistyped);
    return isKnown;
  }

  /** What each tool is worth; 0: it is not found. */
  function scored(words: string): Float64Array {
    const asked = [...new Set(wordsOf(words))];
    const scores = new Float64Array(tools.length);
    const met = new Float64Array(tools.length);
    for (const word of asked) {
      const found = new Float64Array(tools.length);
      if (!meet(word, found)) continue;
      for (const [number, score] of found.entries())
        if (score > 0) {
          scores[number] = (scores[number] ?? 0) + score;
          met[number] = (met[number] ?? 0) + 1;
        }
    }
    const wanted = words.trim().toLowerCase();
    return scores.map(
      (score, number) =>
        score * ((met[number] ?? 0) / asked.length) ** 2 + (isNamed(tools[number], wanted) ? exactly : 0),
    );
  }

  return {
    tools,
    search({ words, among }) {
      if (words.trim() === '') return tools.filter(among);
      const scores = scored(words);
      const worth = (number: number): number => scores[number] ?? 0;
      return [...scores.keys()]
        .filter((number) => worth(number) > 0)
        .sort((one, other) => worth(other) - worth(one) || one - other)
        .flatMap((number) => tools[number] ?? [])
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
      const postings: Postings = terms.get(term) ?? { numbers: [], weights: [] };
      terms.set(term, postings);
      // Tools come by their numbers, and the fields of each with the heaviest first.
      if (postings.numbers.at(-1) === number) continue;
      postings.numbers.push(number);
      postings.weights.push(weight);
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
