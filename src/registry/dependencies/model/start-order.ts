/**
 * In which order services start: in waves, each of which needs only what is in earlier ones. Optional dependencies
 * order too where both take part, but they pull nobody in, and nobody has to wait for them to be healthy.
 */
import type { Dependency } from '../../services/model/services.ts';
import { type Arrow, arrowsOf, byFrom } from './arrows.ts';
import { edgesOf } from './graph.ts';

export interface Starting {
  readonly service: string;
  /** What has to be healthy first. */
  readonly requires: string[];
  /** What is started earlier, but need not be healthy. */
  readonly after: string[];
}

/** The services with everything that they require, over any number of steps. */
export function withRequired(arrows: readonly Arrow[], services: readonly string[]): Set<string> {
  const from = byFrom(arrows);
  const needed = new Set(services);
  for (const service of needed)
    for (const { to, required } of from.get(service) ?? []) if (required) needed.add(to);
  return needed;
}

/** Each service in the earliest wave that is possible, by name in it. Without cycles every service has its place. */
export function startWaves(arrows: readonly Arrow[], services: ReadonlySet<string>): Starting[][] {
  const inside = arrows.filter(({ from, to }) => services.has(from) && services.has(to));
  const from = byFrom(inside);
  const waves: Starting[][] = [];
  const started = new Set<string>();
  let waiting = [...services].sort();
  while (waiting.length > 0) {
    const free = waiting.filter((service) => (from.get(service) ?? []).every(({ to }) => started.has(to)));
    // A cycle cannot be registered; whoever is in one all the same comes last, and not never.
    const wave = free.length > 0 ? free : waiting;
    waves.push(wave.map((service) => startingOf(service, from.get(service) ?? [])));
    for (const service of wave) started.add(service);
    waiting = waiting.filter((service) => !started.has(service));
  }
  return waves;
}

const startingOf = (service: string, arrows: readonly Arrow[]): Starting => {
  const namesOf = (required: boolean): string[] =>
    arrows.filter((arrow) => arrow.required === required).map(({ to }) => to);
  return { service, requires: namesOf(true), after: namesOf(false) };
};

interface Needing {
  readonly name: string;
  readonly dependencies: readonly Dependency[];
}

/** The services in an order in which each comes after those among them that it needs. */
export function neededFirst<T extends Needing>(services: readonly T[]): T[] {
  const edges = new Map(services.map(({ name, dependencies }) => [name, edgesOf(dependencies)]));
  const waves = startWaves(arrowsOf(edges), new Set(edges.keys()));
  return waves.flat().flatMap(({ service }) => services.filter(({ name }) => name === service));
}
