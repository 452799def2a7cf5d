/** A closed loop: each client does one thing after the other until the time is over. */

export interface Load {
  readonly count: number;
  /** Milliseconds. */
  readonly p50: number;
  readonly p99: number;
  readonly perSecond: number;
}

export interface Samples {
  /** How long each took. */
  readonly ms: readonly number[];
  /** How long all of them took. */
  readonly seconds: number;
}

interface Clients {
  readonly clients: number;
  readonly seconds: number;
}

/** `act` gives how many milliseconds it took. */
export const measureLoad = async (load: Clients, act: () => Promise<number>): Promise<Load> =>
  loadOf([await takeSamples(load, act)]);

export async function takeSamples(
  { clients, seconds }: Clients,
  act: () => Promise<number>,
): Promise<Samples> {
  const ms: number[] = [];
  const began = performance.now();
  const client = async (): Promise<void> => {
    while (performance.now() - began < seconds * 1000) ms.push(await act());
  };
  await Promise.all(Array.from({ length: clients }, client));
  return { ms, seconds: (performance.now() - began) / 1000 };
}

/** Of several rounds together. */
export function loadOf(rounds: readonly Samples[]): Load {
  const ms = rounds.flatMap((round) => round.ms);
  const seconds = rounds.reduce((sum, round) => sum + round.seconds, 0);
  return {
    count: ms.length,
    p50: quantile(ms, 0.5),
    p99: quantile(ms, 0.99),
    perSecond: ms.length / seconds,
  };
}

export async function timed(act: () => Promise<unknown>): Promise<number> {
  const began = performance.now();
  await act();
  return performance.now() - began;
}

/** The nearest-rank quantile. */
export function quantile(samples: readonly number[], share: number): number {
  const sorted = [...samples].sort((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? Number.NaN;
}
