/** Stops what a driver runs and no record speaks of, such as what was started by a start that a crash has cut off. */
import type { Listed } from '../instances/driver.ts';
import { type DrivenInstance, startToken } from '../instances/model/driven-instance.ts';
import type { DriverKind } from '../registry/services/model/driver.ts';
import type { ReconcileContext } from './context.ts';

/** How many there were. */
export async function stopOrphans(
  context: ReconcileContext,
  listed: readonly (Listed & { readonly kind: DriverKind })[],
  instances: readonly DrivenInstance[],
): Promise<number> {
  const known = new Set(instances.map(startToken));
  const strangers = listed.filter(
    ({ token, state }) => !known.has(token) && (state === 'RUNNING' || state === 'PENDING'),
  );
  const orphans: typeof strangers = [];
  for (const stranger of strangers) if (await isOrphan(context, stranger)) orphans.push(stranger);
  await Promise.all(orphans.map((orphan) => stop(context, orphan)));
  return orphans.length;
}

/** Its service may not have been found, or may have started it since. */
async function isOrphan({ driven }: ReconcileContext, { service, token }: Listed): Promise<boolean> {
  const { instances } = await driven.ofService(service, { consistent: true });
  return instances.every((instance) => startToken(instance) !== token);
}

async function stop(
  { drivers, log }: ReconcileContext,
  { kind, service, id, token, ref }: Listed & { readonly kind: DriverKind },
): Promise<void> {
  log.warn('something runs that nobody wants: it is stopped', {
    target: service,
    instance: id,
    driver: kind,
  });
  const start = { service, version: '', transport: 'rest', id, token, settings: {}, ref } as const;
  await drivers
    .get(kind)
    ?.stop(start)
    .catch(() => undefined);
}
