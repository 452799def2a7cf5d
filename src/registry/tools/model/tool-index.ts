/**
 * Finds tools by words, in memory. A word counts more the fewer tools have it (Okapi BM25, without the lengths of
 * texts, which are cut anyway), more in a name than in a description, less where only a beginning or a word with one
 * other letter is met. Tools that meet more of the words come first; one that is named exactly so comes before all. The
 * plural of an English word is the same word, and words that every text has are none.
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
  /** Words of the tools that are spelt most like those asked for which no tool has. */
  near(query: Query): string[];
}

const weights = { name: 4, title: 2, service: 1.5, description: 1 } as const;
const beginning = 0.5;
const mistyped = 0.25;
const exactly = 1_000;
const shortestMistyped = 4;
const nearest = 5;

/** What is said in nearly every question and description, and tells nothing. */
const stopWords: ReadonlySet<string> = new Set(
  (
    'a an and any are as at be by can do does for from has have how i if in into is it its me my of on or our please ' +
    'some that the their them then there these this to us use used using want was we what when where which who will ' +
    'with you your'
  ).split(' '),
);

/** English plurals: `emails`, `categories`, `boxes`, `addresses`; `address` and `status` are none. */
export function singular(word: string): string {
  if (!/^[a-z]{4,}$/.test(word) || /(ss|us|is)$/.test(word)) return word;
  if (word.endsWith('ies') && word.length > 4) return `${word.slice(0, -3)}y`;
  if (/(ss|sh|ch|x|zz)es$/.test(word)) return word.slice(0, -2);
  return word.endsWith('s') ? word.slice(0, -1) : word;
}

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

const termsOf = (text: string): string[] => wordsOf(text).map(singular);

/** The words that tell something. */
const askedIn = (words: string): string[] => [
  ...new Set(
    wordsOf(words)
      .filter((word) => !stopWords.has(word))
      .map(singular),
  ),
];

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
    const asked = askedIn(words);
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
        score * ((met[number] ?? 0) / Math.max(1, asked.length)) ** 2 +
        (isNamed(tools[number], wanted) ? exactly : 0),
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
    near({ words, among }) {
      const offered = vocabulary.filter((term) => hasOne(terms.get(term), among));
      const found = askedIn(words)
        .slice(0, nearest)
        .flatMap((word) => nearTo(word, offered));
      return [...new Set(found.sort((a, b) => a.distance - b.distance).map(({ term }) => term))].slice(
        0,
        nearest,
      );
    },
  };

  function hasOne(postings: Postings | undefined, among: Query['among']): boolean {
    return postings?.numbers.some((number) => tools[number] && among(tools[number])) ?? false;
  }
}

/** Terms in which at most a third of the letters are others. */
function nearTo(word: string, terms: readonly string[]): { term: string; distance: number }[] {
  const most = Math.max(1, Math.floor(word.length / 3));
  return terms.flatMap((term) => {
    const distance = Math.abs(term.length - word.length) > most ? most + 1 : editsBetween(word, term);
    return distance <= most ? [{ term, distance }] : [];
  });
}

/** Letters to add, leave out or change (Levenshtein). */
function editsBetween(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_none, at) => at);
  for (let at = 1; at <= a.length; at += 1) {
    const next = [at];
    for (let other = 1; other <= b.length; other += 1)
      next.push(
        Math.min(
          (row[other] ?? 0) + 1,
          (next[other - 1] ?? 0) + 1,
          (row[other - 1] ?? 0) + (a[at - 1] === b[other - 1] ? 0 : 1),
        ),
      );
    row = next;
  }
  return row[b.length] ?? 0;
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
    for (const term of new Set(termsOf(tool[field] ?? ''))) {
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
