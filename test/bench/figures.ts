/** The figures that there are aims for: what was measured of each system beside its aim, and whether we met it. */

import type { Case, Compared } from './comparison.ts';
import { againstDirect, found } from './comparison-table.ts';
import { type Many, manyExecutions } from './many-executions.ts';
import type { Burst } from './starts-at-once.ts';
import { oursName } from './systems/ours.ts';
import { type Cell, times } from './table.ts';

export interface Figures {
  readonly compared: readonly Compared[];
  readonly bursts: readonly Burst[];
  readonly many: Many;
}

interface Figure {
  readonly what: string;
  readonly aim: string;
  /** NaN where it was not measured. */
  readonly of: (system: string) => number;
  readonly text: (value: number) => string;
  /** Undefined where it cannot be told: Restate was not measured, or the run was a short one. */
  readonly isMet: (ours: number, restate: number) => boolean | undefined;
}

const restateName = 'Restate';

/** The systems that were measured, ours first. */
const systemsOf = ({ compared }: Figures): string[] =>
  [...new Set(compared.map(({ system }) => system))].filter((system) => system !== 'direct');

export const figuresHead = (figures: Figures): string[] => {
  const [ours = oursName, ...others] = systemsOf(figures);
  return ['three steps, start to result', 'aim', ours, 'met', ...others];
};

export const figureRows = (figures: Figures): Cell[][] =>
  figuresOf(figures).map(({ what, aim, of, text, isMet }) => {
    const [ours = oursName, ...others] = systemsOf(figures);
    const shown = (system: string): string => (Number.isFinite(of(system)) ? text(of(system)) : '-');
    const met = Number.isFinite(of(ours)) ? isMet(of(ours), of(restateName)) : undefined;
    return [what, aim, shown(ours), yesOrNo(met), ...others.map(shown)];
  });

const figuresOf = (figures: Figures): Figure[] => [
  ratio(figures, { delayMs: 10, clients: 1 }, 1.2),
  ratio(figures, { delayMs: 10, clients: 16 }, 2.5),
  {
    ...ratio(figures, { delayMs: 0, clients: 1 }, 25),
    aim: "25 x, and under Restate's",
    isMet: (ours, restate) => ours <= 25 && isUnder(ours, restate),
  },
  throughput(figures, { delayMs: 0, clients: 16 }),
  cpu(figures, { delayMs: 0, clients: 1 }),
  cpu(figures, { delayMs: 0, clients: 16 }),
  acknowledged(figures),
  ...afterMany(figures),
];

const isUnder = (one: number, other: number): boolean | undefined =>
  Number.isNaN(one) || Number.isNaN(other) ? undefined : one <= other;

const namedCase = ({ delayMs, clients }: Case): string =>
  `services answer in ${delayMs} ms, ${clients === 1 ? '1 client' : `${clients} clients`}`;

const ratio = ({ compared }: Figures, each: Case, atMost: number): Figure => ({
  what: `${namedCase(each)}: p50 against direct`,
  aim: `${atMost} x`,
  of(system) {
    const measured = found(compared, { system, ...each });
    return measured ? againstDirect(compared, measured) : Number.NaN;
  },
  text: times,
  isMet: (ours) => ours <= atMost,
});

const throughput = ({ compared }: Figures, each: Case): Figure => ({
  what: `${namedCase(each)}: executions a second`,
  aim: "Restate's",
  of: (system) => found(compared, { system, ...each })?.perSecond ?? Number.NaN,
  text: (value) => value.toFixed(0),
  isMet: (ours, restate) => isUnder(restate, ours),
});

const cpu = ({ compared }: Figures, each: Case): Figure => ({
  what: `${namedCase(each)}: CPU of all its processes for one execution`,
  aim: '3 ms',
  of: (system) => found(compared, { system, ...each })?.cpuMs ?? Number.NaN,
  text: milliseconds,
  isMet: (ours) => ours <= 3,
});

const acknowledged = ({ bursts }: Figures): Figure => ({
  what: '200 starts at once: p99 until acknowledged',
  aim: '1 s',
  of: (name) => bursts.find(({ system }) => system === name)?.p99 ?? Number.NaN,
  text: milliseconds,
  isMet: (ours) => ours <= 1000,
});

/** Of ours alone; a short run runs fewer executions, says so, and does not tell what was met. */
function afterMany({ many }: Figures): Figure[] {
  const executions = `${many.count.toLocaleString('en')} ended executions`;
  const enough = many.count >= manyExecutions;
  const memory: Figure = {
    what: `memory after ${executions}`,
    aim: '250 MB',
    of: ofOurs(many.memory / 1e6),
    text: (megabytes) => `${megabytes.toFixed(0)} MB`,
    isMet: (megabytes) => (enough ? megabytes <= 250 : undefined),
  };
  const empty: Figure = {
    what: 'npm start to healthy, empty',
    aim: '1.5 s',
    of: ofOurs(many.emptyStart),
    text: milliseconds,
    isMet: (ms) => ms <= 1500,
  };
  const filled: Figure = {
    what: `npm start to healthy, ${executions}`,
    aim: '2.5 s',
    of: ofOurs(many.filledStart),
    text: milliseconds,
    isMet: (ms) => (enough ? ms <= 2500 : undefined),
  };
  return [memory, empty, filled];
}

const ofOurs =
  (value: number) =>
  (system: string): number =>
    system === oursName ? value : Number.NaN;

export const yesOrNo = (met: boolean | undefined): string => {
  if (met === undefined) return '-';
  return met ? 'yes' : 'no';
};

const milliseconds = (value: number): string => `${value.toFixed(value < 100 ? 1 : 0)} ms`;
