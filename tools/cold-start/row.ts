/** One line of the table: what one first answer of one bundle costs, and what it may cost. */
import type { BundleContents } from '../bundle-contents.ts';
import { kilobytes, median } from './judge.ts';
import type { MeasuredStart } from './measure-start.ts';
import type { Rule } from './rules.ts';

export type Row = Readonly<Record<string, string | number>>;

export interface Measurement {
  readonly bundle: string;
  readonly contents: BundleContents;
  readonly rule: Rule | undefined;
  readonly answer: { readonly name: string; readonly maxCpuMs: number };
  readonly starts: readonly MeasuredStart[];
}

export function rowOf({ bundle, contents, rule, answer, starts }: Measurement): Row {
  const bounds = rule?.bounds;
  const all = (of: (start: MeasuredStart) => number): string => spread(starts.map(of));
  return {
    bundle,
    'first answer': answer.name,
    'KB at start': kilobytes(contents.startBytes),
    'bound, aim (start)': `${bounds?.startKb ?? '-'}, ${aimed(rule?.aims?.startKb, contents.startBytes)}`,
    'KB in all': kilobytes(contents.allBytes),
    'bound, aim (all)': `${bounds?.allKb ?? '-'}, ${aimed(rule?.aims?.allKb, contents.allBytes)}`,
    'import ms': all(({ importMs }) => importMs),
    'bound (import)': bounds?.importMs ?? '-',
    'CPU ms': all(({ cpuMs }) => cpuMs),
    'bound, aim (CPU)': `${answer.maxCpuMs}, ${rule?.aims?.cpuMs ?? '-'}`,
  };
}

/** An aim in KB, and whether this size is within. */
function aimed(aim: number | undefined, bytes: number): string {
  if (aim === undefined) return '-';
  return kilobytes(bytes) <= aim ? `${aim}` : `${aim} (not met)`;
}

/** Best, median and worst. */
function spread(times: readonly number[]): string {
  const shown = [Math.min(...times), median(times), Math.max(...times)];
  return shown.map((time) => time.toFixed(0)).join(' / ');
}
