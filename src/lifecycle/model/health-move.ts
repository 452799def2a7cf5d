/** What follows from how an instance is: whether it became healthy in time, and whether it still is. */
import type { DrivenInstance } from '../../instances/model/driven-instance.ts';
import { type JudgedHealth, judgeHealth } from '../../instances/model/judge-health.ts';
import type { HealthCheck } from '../../registry/services/model/health-check.ts';
import { afterExit } from './exits.ts';
import type { Circumstances, Move, Seen } from './instance-step.ts';

/** How long it may take to be healthy. */
const startBoundMs = ({ graceSeconds, failuresBeforeUnhealthy, intervalSeconds }: HealthCheck): number =>
  (graceSeconds + failuresBeforeUnhealthy * intervalSeconds) * 1000;

/** What a platform may need before anything runs, such as to fetch an image. */
const acceptedBoundMs = 600_000;

export function isLate({ instance, observed }: Seen, { nowMs, healthCheck }: Circumstances): boolean {
  const sinceMs = nowMs - (instance.startedAtMs ?? 0);
  return sinceMs > startBoundMs(healthCheck) + (observed?.state === 'PENDING' ? acceptedBoundMs : 0);
}

/** It is ended, and started again as after any other exit. */
export function neverHealthy({ instance, probed, unknown }: Seen, circumstances: Circumstances): Move {
  const { nowMs, healthCheck } = circumstances;
  const seconds = startBoundMs(healthCheck) / 1000;
  const why = probed?.why ?? unknown?.why ?? instance.problem?.why;
  const how = `it was not healthy within ${seconds} s${why ? ` (${why})` : ''}`;
  const { exits, notBeforeMs } = afterExit(instance, how, nowMs, { neverHealthy: true });
  return { patch: { exits, notBeforeMs }, to: 'STOPPING', reason: how, ask: 'stop' };
}

/** A change of its health; one that is not healthy any more is ended and started again. */
export function judged({ instance, probed }: Seen, circumstances: Circumstances): Move | undefined {
  if (!probed) return undefined;
  const { nowMs, healingStopped } = circumstances;
  const { health, contrary } = healthAfter({ instance, probed }, circumstances);
  if (health === 'UNHEALTHY' && healingStopped === undefined)
    return endedUnhealthy({ instance, probed }, { nowMs, contrary });
  if (health === instance.health) return contrary === instance.contrary ? undefined : { patch: { contrary } };
  return health === 'UNHEALTHY'
    ? {
        patch: { health, contrary, healthySinceMs: undefined },
        reason: `${whyUnhealthy(probed)}; ${healingStopped}`,
      }
    : { patch: { health, contrary, healthySinceMs: nowMs } };
}

function healthAfter(
  { instance, probed }: Pick<Seen, 'instance' | 'probed'>,
  { nowMs, healthCheck }: Pick<Circumstances, 'nowMs' | 'healthCheck'>,
): JudgedHealth {
  const graceOver = nowMs - (instance.startedAtMs ?? 0) > healthCheck.graceSeconds * 1000;
  return judgeHealth(instance, { passed: probed?.passed === true, graceOver }, healthCheck);
}

/** Whether the check that was made just now has found it unhealthy. */
export const turnsUnhealthy = (
  seen: Seen,
  circumstances: Pick<Circumstances, 'nowMs' | 'healthCheck'>,
): boolean =>
  seen.instance.state === 'RUNNING' &&
  seen.probed !== undefined &&
  healthAfter(seen, circumstances).health === 'UNHEALTHY';

const whyUnhealthy = ({ why }: NonNullable<Seen['probed']>): string =>
  `it is unhealthy${why ? ` (${why})` : ''}`;

function endedUnhealthy(
  { instance, probed }: { instance: DrivenInstance; probed: NonNullable<Seen['probed']> },
  { nowMs, contrary }: { nowMs: number; contrary: number },
): Move {
  const how = whyUnhealthy(probed);
  const { exits, notBeforeMs } = afterExit(instance, how, nowMs, { unhealthy: true });
  return {
    patch: { health: 'UNHEALTHY', contrary, exits, notBeforeMs },
    to: 'STOPPING',
    reason: how,
    ask: 'stop',
  };
}
