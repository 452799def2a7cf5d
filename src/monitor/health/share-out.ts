/**
 * Hands the health checks of many services to other runs, so many services each. They begin spread over seconds, so that a
 * large fleet takes no more of the functions that run at once than it needs. What one part could not be handed to anybody
 * keeps no other from its checks; it is told of when all others are on their way.
 */
import type { Log } from '../../base/log.ts';

export interface SharingContext {
  /** Resolves when another run is certain to check them. */
  readonly checkPart: (part: { readonly services: readonly string[] }) => Promise<void>;
  readonly wait: (ms: number) => Promise<void>;
  readonly log: Pick<Log, 'error'>;
}

/** Services of one part: with an instance each, so many checks run at the same time. */
export const partSize = 50;
/** 5,000 services a second: 100,000 take twenty seconds, and about a hundred functions at once. */
const partsASecond = 100;

/** Throws when a part was handed to nobody, after all others were. */
export async function shareOut(context: SharingContext, names: readonly string[]): Promise<void> {
  const parts = partsOf(names);
  const failures: unknown[] = [];
  for (let at = 0; at < parts.length; at += partsASecond) {
    if (at > 0) await context.wait(1000);
    const begun = await Promise.allSettled(
      parts.slice(at, at + partsASecond).map((services) => context.checkPart({ services })),
    );
    failures.push(...begun.flatMap((one) => (one.status === 'rejected' ? [one.reason] : [])));
  }
  if (failures.length === 0) return;
  const error = failures[0] instanceof Error ? failures[0].name : 'unknown';
  context.log.error('health checks could not be shared out', {
    failed: failures.length,
    parts: parts.length,
    error,
  });
  throw new Error(`${failures.length} of ${parts.length} parts of the health checks were handed to nobody`, {
    cause: failures[0],
  });
}

const partsOf = (names: readonly string[]): string[][] =>
  Array.from({ length: Math.ceil(names.length / partSize) }, (_, index) =>
    names.slice(index * partSize, (index + 1) * partSize),
  );
