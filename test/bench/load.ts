/** A closed loop: each client does one thing after the other until the time is over. */

export interface Load {
  readonly count: number;
  /** Milliseconds. */
  readonly p50: number;
  readonly p99: number;
  readonly perSecond: number;
}

/** `act` gives how many milliseconds it took. */
export async function measureLoad(
  { clients, seconds }: { clients: number; seconds: number },
  act: () => Promise<number>,
): Promise<Load> {
  const samples: number[] = [];
  const began = performance.now();
  const client = async (): Promise<void> => {
    while (performance.now() - began < seconds * 1000) samples.push(await act());
  };
  await Promise.all(Array.from({ length: clients }, client));
  const elapsedSeconds = (performance.now() - began) / 1000;
  return {
    count: samples.length,
    p50: quantile(samples, 0.5),
    p99: quantile(samples, 0.99),
    perSecond: samples.length / elapsedSeconds,
  };
}

/** The nearest-rank quantile. */
export function quantile(samples: readonly number[], share: number): number {
  const sorted = [...samples].sort((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? Number.NaN;
}
