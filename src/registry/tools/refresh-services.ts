/**
 * The scheduled refresh: first the versions whose tools were never read, then the services one after the other, from
 * where the last run ended. A run has a bound; the next one goes on.
 */

import { type CatalogueContext, refreshCatalogue } from './refresh-catalogue.ts';
import type { VersionKey } from './store/catalogue-store.ts';

export interface RefreshReport {
  /** Versions whose tools were read. */
  readonly read: number;
  readonly failed: number;
  /** Versions with another set of tools than before. */
  readonly changed: number;
}

const atOnce = 8;
const unknownAtMost = 100;
const servicesAtMost = 100;
const readMs = 5_000;

/** Begins no read after `untilMs`, a time of the clock. */
export async function refreshServices(context: CatalogueContext, untilMs: number): Promise<RefreshReport> {
  const done = new Set<string>();
  const report = { read: 0, failed: 0, changed: 0 };
  const refresh = async (keys: readonly VersionKey[]): Promise<void> => {
    const left = keys.filter(({ name, version }) => !done.has(`${name}@${version}`));
    for (const { name, version } of left) done.add(`${name}@${version}`);
    await eachOf(left, async (key) => {
      if (context.clock.now() < untilMs) count(report, await refreshCatalogue(context, key, readMs));
    });
  };
  await refresh(await context.catalogues.unknown(unknownAtMost));
  await refresh(await nextVersions(context));
  return report;
}

function count(
  report: { read: number; failed: number; changed: number },
  { changes }: Awaited<ReturnType<typeof refreshCatalogue>>,
): void {
  if (!changes) report.failed += 1;
  else report.read += 1;
  if (changes && changes.added.length + changes.removed.length + changes.changed.length > 0)
    report.changed += 1;
}

/** The next services by name; after the last one the first again. */
async function nextVersions({ services, catalogues }: CatalogueContext): Promise<VersionKey[]> {
  const cursor = await catalogues.position();
  const page = await services.list({ limit: servicesAtMost, ...(cursor !== undefined && { cursor }) });
  if (cursor !== page.nextCursor) await catalogues.putPosition(page.nextCursor);
  return page.items.flatMap(({ name, versions }) =>
    versions.filter(({ transport }) => transport === 'mcp').map(({ version }) => ({ name, version })),
  );
}

async function eachOf<T>(all: readonly T[], work: (one: T) => Promise<void>): Promise<void> {
  const waiting = [...all];
  const worker = async (): Promise<void> => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) await work(next);
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
}
