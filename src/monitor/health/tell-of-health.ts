/** Tells of a change of health: to the history, to the log, and to whoever calls instances in this process. */
import type { Log } from '../../base/log.ts';
import type { InstanceNews } from '../../instances/instance-news.ts';
import type { MetricValues } from '../metrics/metric-values.ts';
import type { HealthChange } from './model/health-change.ts';
import type { HealthHistory } from './store/health-history.ts';

export interface TellingContext {
  readonly healthHistory: Pick<HealthHistory, 'add'>;
  readonly instanceNews?: InstanceNews | undefined;
  readonly metrics?: Pick<MetricValues, 'add'> | undefined;
  readonly log: Log;
}

export async function tellOfHealth(context: TellingContext, change: HealthChange): Promise<void> {
  logHealth(context.log, change);
  context.instanceNews?.changed.tell(change.service);
  await keepHealth(context, change);
}

export function logHealth(log: Log, change: HealthChange): void {
  const { service, instance, health, before, quarantined } = change;
  const about = { service, instance, health, before, ...(quarantined && { quarantined }) };
  if (health === 'HEALTHY') log.info('health changed', about);
  else log.warn('health changed; get_health_history says why', about);
}

/** The record that it is about has been written: a history that cannot be written is told of, and fails nothing. */
export async function keepHealth(
  { healthHistory, metrics, log }: Pick<TellingContext, 'healthHistory' | 'metrics' | 'log'>,
  change: HealthChange,
): Promise<void> {
  if (change.before !== change.health) metrics?.add('HealthChanges', 1);
  try {
    await healthHistory.add(change);
  } catch (error) {
    log.error('a change of health is missing in the history', {
      service: change.service,
      instance: change.instance,
      error: error instanceof Error ? error.name : 'unknown',
    });
  }
}
