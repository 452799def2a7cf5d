/**
 * When many instances of a service are unhealthy at the same time, the cause is seldom in each of them: a network, something
 * that all of them need, or the check itself. Starting all of them again would help nobody, and end what still works. So
 * healing stops for the service until fewer are unhealthy, or somebody starts them again.
 */
import type { DrivenInstance } from './driven-instance.ts';

/** One alone is always healed. */
const fewest = 2;
const share = 0.3;
/** What was ended as unhealthy so recently counts until it is healthy again. */
const recentMs = 120_000;

type Counted = Pick<DrivenInstance, 'id' | 'state' | 'health' | 'leaving' | 'exits'>;

/** Why healing stops; undefined while it goes on. `turning`: ids of those that a check has just found unhealthy. */
export function healingStopped(
  instances: readonly Counted[],
  nowMs: number,
  turning: ReadonlySet<string> = new Set(),
): string | undefined {
  const counted = instances.filter(({ state, leaving }) => !leaving && state !== 'STOPPED');
  const unhealthy = counted.filter((one) => turning.has(one.id) || isUnhealthy(one, nowMs));
  if (unhealthy.length < fewest || unhealthy.length <= counted.length * share) return undefined;
  return `healing has stopped: ${unhealthy.length} of ${counted.length} instances are unhealthy, more than ${share * 100} %; restart_service starts them again`;
}

function isUnhealthy({ state, health, exits }: Counted, nowMs: number): boolean {
  if (state === 'RUNNING') return health === 'UNHEALTHY';
  const last = exits.at(-1);
  return last?.unhealthy === true && nowMs - last.atMs <= recentMs;
}
