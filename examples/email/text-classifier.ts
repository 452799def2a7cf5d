/**
 * A multinomial naive Bayes text classifier. Decides the category of a text, how sure that is, and which words
 * decided it. It knows what its training phrases say and nothing else; unknown words do not count.
 */

/** Phrases by category; the order of categories decides a tie. */
export type Training = Readonly<Record<string, readonly string[]>>;

export interface Classification {
  readonly category: string;
  /** Share of the category among all, 0 to 1. */
  readonly score: number;
  /** The words that decided, the strongest first. */
  readonly reasons: string[];
}

interface Category {
  readonly name: string;
  readonly wordCounts: ReadonlyMap<string, number>;
  readonly words: number;
}

interface Ranked {
  readonly category: Category;
  readonly logLikelihood: number;
}

export type Classify = (text: string) => Classification;

const reasonsShown = 4;

/** Words that say nothing about a text, though a small training set makes them look as if they did. */
const stopWords = new Set('the and you your for this that have has our with are was will please'.split(' '));

/** Throws without at least two categories: there would be nothing to decide. */
export function trainClassifier(training: Training): Classify {
  const categories = Object.entries(training).map(learnCategory);
  if (categories.length < 2) throw new Error('A classifier needs at least two categories');
  const vocabulary = new Set(categories.flatMap(({ wordCounts }) => [...wordCounts.keys()]));

  /** P(word | category), with add-one smoothing. */
  const likelihood = (word: string, { wordCounts, words }: Category): number =>
    ((wordCounts.get(word) ?? 0) + 1) / (words + vocabulary.size);

  return (text) => {
    const known = [...new Set(wordsOf(text))].filter((word) => vocabulary.has(word));
    const ranked = categories
      .map((category) => ({ category, logLikelihood: sum(known, (w) => Math.log(likelihood(w, category))) }))
      .sort((a, b) => b.logLikelihood - a.logLikelihood);
    const [best, second] = firstTwo(ranked);
    const ratio = (word: string): number =>
      likelihood(word, best.category) / likelihood(word, second.category);
    return {
      category: best.category.name,
      score: shareOf(best, ranked, known.length),
      reasons: reasonsFrom(known, ratio, [best.category.name, second.category.name]),
    };
  };
}

/** Lower-case words of three letters or more that say something; hyphenated ones stay whole. Three marks in a row count as a word. */
export function wordsOf(text: string): string[] {
  const words =
    text
      .normalize('NFC')
      .toLowerCase()
      .match(/\p{L}+(?:-\p{L}+)*/gu) ?? [];
  const shouts = /!{3}/.test(text) ? ['many-exclamation-marks'] : [];
  return [...words.filter((word) => word.length >= 3 && !stopWords.has(word)), ...shouts];
}

function learnCategory([name, phrases]: [string, readonly string[]]): Category {
  const words = phrases.flatMap(wordsOf);
  const wordCounts = new Map<string, number>();
  for (const word of words) wordCounts.set(word, (wordCounts.get(word) ?? 0) + 1);
  return { name, wordCounts, words: words.length };
}

/**
 * The posterior of the best category, all being equally likely before. The words of one text are not
 * independent, as the formula pretends: dividing by the root of their number keeps it from always being sure.
 */
function shareOf(best: Ranked, ranked: readonly Ranked[], knownWords: number): number {
  const temper = Math.sqrt(Math.max(1, knownWords));
  const share =
    1 / sum(ranked, ({ logLikelihood }) => Math.exp((logLikelihood - best.logLikelihood) / temper));
  return Math.round(share * 10_000) / 10_000;
}

function reasonsFrom(
  known: readonly string[],
  ratio: (word: string) => number,
  [best, second]: readonly [string, string],
): string[] {
  const deciding = known
    .map((word) => ({ word, times: ratio(word) }))
    .filter(({ times }) => times > 1)
    .sort((a, b) => b.times - a.times)
    .slice(0, reasonsShown);
  if (deciding.length === 0) return [`no word speaks for another category than ${best}`];
  return deciding.map(
    ({ word, times }) => `"${word}" is ${times.toFixed(1)} times as likely in ${best} as in ${second}`,
  );
}

function firstTwo(ranked: readonly Ranked[]): [Ranked, Ranked] {
  const [best, second] = ranked;
  if (best === undefined || second === undefined)
    throw new Error('A classifier needs at least two categories');
  return [best, second];
}

const sum = <T>(items: readonly T[], term: (item: T) => number): number =>
  items.reduce((total, item) => total + term(item), 0);
