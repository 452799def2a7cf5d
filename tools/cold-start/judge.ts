/** Compares what was measured with the rules, and names everything that is not as it should be. */
import type { BundleContents } from '../bundle-contents.ts';
import { mostStartFiles, type Rule } from './rules.ts';

/** What one start cost, in milliseconds of the machine that the bounds are of. */
export interface StartTimes {
  readonly importMs: number;
  /** From the import to the answer. */
  readonly cpuMs: number;
}

/** The starts of each first answer, by its name. */
export type Starts = Readonly<Record<string, readonly StartTimes[]>>;

export interface MeasuredBundle {
  readonly contents: BundleContents;
  readonly starts: Starts;
}

export const kilobytes = (bytes: number): number => Math.ceil(bytes / 1024);

/** One sentence for each bound that is broken; none when all is well. */
export function judge(
  bundles: Readonly<Record<string, MeasuredBundle>>,
  rules: Readonly<Record<string, Rule>>,
): string[] {
  const stale = Object.keys(rules).filter((name) => bundles[name] === undefined);
  return [
    ...Object.entries(bundles).flatMap(([name, bundle]) => {
      const rule = rules[name];
      const broken = rule
        ? brokenBy(bundle, rule)
        : ['has no bounds and no first answer to measure; add them'];
      return broken.map((sentence) => `${name} ${sentence}`);
    }),
    ...stale.map((name) => `${name} has bounds and is not built; remove them, or build it`),
  ];
}

const brokenBy = ({ contents, starts }: MeasuredBundle, rule: Rule): string[] => [
  ...tooLarge('loads', 'at start', { bytes: contents.startBytes, bound: rule.bounds.startKb }),
  ...tooLarge('has', 'in all', { bytes: contents.allBytes, bound: rule.bounds.allKb }),
  ...tooManyFiles(contents.startFiles),
  ...rule.notAtStart.flatMap((part) => held(contents.atStart, part, 'at start')),
  ...rule.never.flatMap((part) => held(contents.all, part, 'and must not hold it')),
  ...tooLongImported(starts, rule.bounds.importMs),
  ...rule.firstAnswers.flatMap(({ name, maxCpuMs }) => tooSlow(name, starts[name] ?? [], maxCpuMs)),
];

const tooLarge = (
  verb: string,
  when: string,
  { bytes, bound }: { bytes: number; bound: number },
): string[] =>
  kilobytes(bytes) > bound ? [`${verb} ${kilobytes(bytes)} KB ${when}; the bound is ${bound} KB`] : [];

const tooManyFiles = (files: number): string[] =>
  files > mostStartFiles ? [`loads ${files} files at start; the bound is ${mostStartFiles}`] : [];

/** A part that ends with a slash is a folder; `ajv` is not `ajv-formats`. */
const held = (parts: readonly string[], unwanted: string, when: string): string[] => {
  const found = parts.find((part) =>
    unwanted.startsWith('*/')
      ? part.includes(unwanted.slice(1))
      : unwanted.endsWith('/')
        ? part.startsWith(unwanted)
        : part === unwanted,
  );
  return found === undefined ? [] : [`holds ${found} ${when}`];
};

/** Of an even number of times the larger middle one; there has to be one. */
export function median(times: readonly number[]): number {
  const sorted = [...times].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}

/**
 * An import is the same whatever is asked first, so the best start of the bundle counts: the time is by the clock, and
 * what else the machine does only ever makes it longer.
 */
function tooLongImported(starts: Starts, bound: number): string[] {
  const all = Object.values(starts).flat();
  if (all.length === 0) return [];
  const best = Math.min(...all.map(({ importMs }) => importMs));
  return best > bound ? [`needs ${best.toFixed(0)} ms for its import; the bound is ${bound} ms`] : [];
}

function tooSlow(answer: string, starts: readonly StartTimes[], bound: number): string[] {
  if (starts.length === 0) return [`was not measured: ${answer}`];
  const usual = median(starts.map(({ cpuMs }) => cpuMs));
  return usual > bound ? [`needs ${usual.toFixed(0)} ms of CPU for ${answer}; the bound is ${bound} ms`] : [];
}

/** Whether both bounds are kept, of the import by the best start: then more starts would change nothing. */
export const isKept = (starts: readonly StartTimes[], bounds: StartTimes): boolean =>
  starts.some(({ importMs }) => importMs <= bounds.importMs) &&
  median(starts.map(({ cpuMs }) => cpuMs)) <= bounds.cpuMs;
