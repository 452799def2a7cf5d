/** What one more result of a health check makes of the health of an instance. */
import type { HealthCheck } from '../../registry/services/model/health-check.ts';
import type { DrivenInstance } from './driven-instance.ts';

/** The health, and the results in a row that speak against it. */
export type JudgedHealth = Pick<DrivenInstance, 'health' | 'contrary'>;

export type Thresholds = Pick<HealthCheck, 'failuresBeforeUnhealthy' | 'successesBeforeHealthy'>;

export interface CheckResult {
  readonly passed: boolean;
  /** Whether it began so long ago that it should be ready; before that a failure says nothing. */
  readonly graceOver: boolean;
}

/**
 * From `UNKNOWN` the first pass makes it healthy. Otherwise it changes after as many contrary results in a row as its
 * threshold says, and one that agrees ends the row. Within the grace after the start failures do not count.
 */
export function judgeHealth(
  present: JudgedHealth,
  { passed, graceOver }: CheckResult,
  thresholds: Thresholds,
): JudgedHealth {
  const told = passed ? 'HEALTHY' : 'UNHEALTHY';
  if (!passed && !graceOver) return present;
  if (told === present.health || (passed && present.health === 'UNKNOWN'))
    return { health: told, contrary: 0 };
  const contrary = present.contrary + 1;
  const needed = passed ? thresholds.successesBeforeHealthy : thresholds.failuresBeforeUnhealthy;
  return contrary >= needed ? { health: told, contrary: 0 } : { health: present.health, contrary };
}
