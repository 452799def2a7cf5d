/**
 * Tells of a change of health: to the history, to the log, to whoever calls instances in this process, and to those outside
 * who want to know.
 */
import type { Log } from '../../base/log.ts';
import type { InstanceNews } from '../../instances/instance-news.ts';
import type { EventDraft } from '../events/model/event-catalogue.ts';
import type { Events } from '../events/tell-events.ts';
import type { HealthChange } from './model/health-change.ts';
import type { HealthHistory } from './store/health-history.ts';

export interface TellingContext {
  readonly healthHistory: Pick<HealthHistory, 'add'>;
  readonly instanceNews?: InstanceNews | undefined;
  /** Those outside who want to know. */
  readonly events?: Events | undefined;
  readonly log: Log;
}

export async function tellOfHealth(context: TellingContext, change: HealthChange): Promise<void> {
  logHealth(context.log, change);
  context.instanceNews?.changed.tell(change.service);
  await keepHealth(context, change, change.quarantined === true ? [quarantineOf(change)] : []);
}

export function logHealth(log: Log, change: HealthChange): void {
  const { service: target, instance, health, before, quarantined } = change;
  const about = { target, instance, health, before, ...(quarantined && { quarantined }) };
  if (health === 'HEALTHY') log.info('health changed', about);
  else log.warn('health changed; get_health_history says why', about);
}

/** The record that it is about has been written: a history that cannot be written is told of, and fails nothing. */
export async function keepHealth(
  { healthHistory, events, log }: Pick<TellingContext, 'healthHistory' | 'events' | 'log'>,
  change: HealthChange,
  besides: readonly EventDraft[] = [],
): Promise<void> {
  try {
    await healthHistory.add(change);
    await events?.tell([...(change.before === change.health ? [] : [changeOf(change)]), ...besides]);
  } catch (error) {
    log.error('a change of health is missing in the history, or was not told', {
      target: change.service,
      instance: change.instance,
      error: error instanceof Error ? error.name : 'unknown',
    });
  }
}

const changeOf = ({ service, instance, at, before, health }: HealthChange): EventDraft => ({
  type: 'instance.health-changed',
  time: at,
  data: { service, instance, from: before, to: health },
});

const quarantineOf = ({ service, instance, at }: HealthChange): EventDraft => ({
  type: 'instance.quarantined',
  time: at,
  data: { service, instance },
});
