/** What questions to the registry cost when it is nearly empty, and when it is full: ratios, for one client. */
import * as z from 'zod';
import { BenchProcess } from './child.ts';
import { fillRegistry, instancesEach, nameAt } from './filled-registry.ts';
import { type Load, measureLoad } from './load.ts';
import { secondsEach } from './settings.ts';
import { type Cell, printTable } from './table.ts';

const mostServices = 10_000;

/** A short run fills a small registry. */
const count = Math.min(mostServices, Math.ceil(secondsEach * 2000));

const Started = z.object({ endpoints: z.object({ api: z.string(), dynamodb: z.string() }) });

const questions: Readonly<Record<string, (name: string) => string>> = {
  discover_service: (name) => `/v1/discovery?service=${name}`,
  'discover_service by tag': () => '/v1/discovery?tag=group-0',
  get_service: (name) => `/v1/services/${name}`,
  'list_services, 20 of them': () => '/v1/services?limit=20',
  list_instances: (name) => `/v1/services/${name}/instances`,
  'get_dependency_graph around a service': (name) => `/v1/dependency-graph?service=${name}&depth=2`,
};

type Measured = Readonly<Record<string, Load>>;

export interface RegistryBench {
  readonly empty: Measured;
  readonly full: Measured;
}

export async function measureRegistry(): Promise<RegistryBench> {
  const child = new BenchProcess(new URL('./registry-process.ts', import.meta.url));
  try {
    const { endpoints } = await child.next(Started);
    await fillRegistry(endpoints, 1);
    const empty = await measureAll(endpoints.api, () => nameAt(0));
    await fillRegistry(endpoints, count);
    const full = await measureAll(endpoints.api, () => nameAt(Math.floor(Math.random() * count)));
    return { empty, full };
  } finally {
    await child.stop();
  }
}

async function measureAll(api: string, nameOfOne: () => string): Promise<Measured> {
  const measured: Record<string, Load> = {};
  for (const [what, path] of Object.entries(questions)) {
    const ask = () => timed(`${api}${path(nameOfOne())}`);
    await measureLoad({ clients: 1, seconds: secondsEach / 10 }, ask);
    measured[what] = await measureLoad({ clients: 1, seconds: secondsEach / 2 }, ask);
  }
  return measured;
}

async function timed(url: string): Promise<number> {
  const began = performance.now();
  const response = await fetch(url, { signal: AbortSignal.timeout(30_000) });
  const text = await response.text();
  if (!response.ok) throw new Error(`${url} answered ${response.status}: ${text}`);
  return performance.now() - began;
}

export function printRegistry({ empty, full }: RegistryBench): void {
  printTable(
    `7. Questions to a registry of one service, and of ${count} with ${count * instancesEach} instances (ms)`,
    ['question, 1 client', 'one p50', 'one p99', 'full p50', 'full p99', 'p99 times'],
    Object.keys(questions).map((what): Cell[] => {
      const [one, many] = [empty[what], full[what]];
      return [what, one?.p50, one?.p99, many?.p50, many?.p99, p99Ratio({ empty, full }, what)];
    }),
  );
}

export const p99Ratio = ({ empty, full }: RegistryBench, what: string): number =>
  (full[what]?.p99 ?? Number.NaN) / (empty[what]?.p99 ?? Number.NaN);
