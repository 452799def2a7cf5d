/**
 * Stops what a driver runs and no record speaks of, or only as of one that has ended: what was started by a start that a crash
 * has cut off, or that came late.
 */
import type { Listed } from '../../instances/driver.ts';
import { type DrivenInstance, mayRun, startToken } from '../../instances/model/driven-instance.ts';
import type { DriverKind } from '../../registry/services/model/driver.ts';
import type { ReconcileContext } from '../context.ts';

/** How many there were. */
export async function stopOrphans(
  context: ReconcileContext,
  listed: readonly (Listed & { readonly kind: DriverKind })[],
  instances: readonly DrivenInstance[],
): Promise<number> {
  const known = new Set(instances.filter(mayRun).map(startToken));
  const strangers = listed.filter(
    ({ token, state }) => !known.has(token) && (state === 'RUNNING' || state === 'PENDING'),
  );
  const orphans: typeof strangers = [];
  for (const stranger of strangers) if (await isOrphan(context, stranger)) orphans.push(stranger);
  await Promise.all(orphans.map((orphan) => stop(context, orphan)));
  return orphans.length;
}

/** Its service may not have been found, or may have started it since. Without a service nobody looks at its record. */
async function isOrphan({ driven }: ReconcileContext, { service, token }: Listed): Promise<boolean> {
  const { route, lifecycle, instances } = await driven.ofService(service, { consistent: true });
  const own = instances.find((instance) => startToken(instance) === token);
  if (!own || !mayRun(own)) return true;
  return !route && !lifecycle && (await driven.deleteInstance(own));
}

async function stop(
  { drivers, log }: ReconcileContext,
  { kind, service, id, token, ref }: Listed & { readonly kind: DriverKind },
): Promise<void> {
  log.warn('something runs that nobody wants: it is stopped', {
    service: service,
    instance: id,
    driver: kind,
  });
  const start = { service, version: '', transport: 'rest', id, token, settings: {}, ref } as const;
  await drivers
    .get(kind)
    ?.stop(start)
    .catch(() => undefined);
}
